//! `init`: a home of a firm's own, by questions or by flags alone.

use super::global::Global;
use super::init_args::InitArgs;
use super::output::Out;
use super::{Answer, home, open, passphrase};
use crate::error::{Error, Kind, Result};
use crate::service::Needs;
use crate::service::home::init::{self, NewFirm, NewProduct};
use crate::service::users::remembered;
use crate::text::hidden;
use serde_json::json;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

pub fn run(global: &Global, args: &InitArgs, out: &mut Out) -> Result<Answer> {
    let home = home(global)?;
    init::is_free(&home)?;
    let mut form = Questions {
        asks: io::stdin().is_terminal(),
    };
    form.say(&format!(
        "A home for your firm, in {}. Enter takes what stands in brackets; Ctrl-C leaves, and nothing is made.",
        home.display()
    ));
    let firm = firm(args, &mut form)?;
    let admin = form.answer(
        args.admin.as_ref(),
        (
            "--admin",
            "Your own name here (small letters, digits, dots)",
        ),
        Some("admin"),
        init::admin,
    )?;
    let passphrase = passphrase::new(&admin)?;
    let made = init::make(&home, &firm, &admin, &passphrase)?;
    // The record begins now, with its first administrator on it.
    let acting = Global {
        acting: Some(admin.clone()),
        ..global.clone()
    };
    drop(open(&acting, Needs::Record)?);
    let remembered = remembered::remember(&home, Some(&admin)).is_ok();
    let unknown: Vec<&str> = firm
        .products
        .iter()
        .map(|product| product.class.as_str())
        .filter(|class| !init::is_known_class(class))
        .collect();
    if global.json {
        let made: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
        out.json(&json!({
            "home": home.display().to_string(), "admin": admin, "remembered": remembered, "made": made,
            "unknown_products": unknown,
        }));
    } else {
        tell(&home, &firm, (&admin, remembered), &unknown, out);
    }
    Ok(Answer::Done)
}

fn tell(
    home: &Path,
    firm: &NewFirm,
    (admin, remembered): (&str, bool),
    unknown: &[&str],
    out: &mut Out,
) {
    let at = format!("--home {}", home.display());
    let me = if remembered {
        "remembered on this machine"
    } else {
        "name yourself with --as"
    };
    out.line(&format!(
        "made: {} for {}; {admin} is its administrator ({me})",
        home.display(),
        firm.name
    ));
    for class in unknown {
        out.line(&format!(
            "note: no rule that ships knows the product `{class}`; give it the class of the product that it is (`echovoice help make-it-yours`)"
        ));
    }
    let profile = if firm.examples {
        format!("{}/profiles/example.json", home.display())
    } else {
        "PROFILE.json".to_owned()
    };
    out.line("next:");
    for (what, command) in [
        (
            "enrol who decides",
            format!("echovoice {at} user add NAME --role officer"),
        ),
        (
            "make a message",
            format!("echovoice {at} --as NAME run {profile}"),
        ),
        ("decide it at the desk", format!("echovoice {at} --as NAME")),
        ("see what is empty", format!("echovoice {at} doctor")),
        ("fill it", "echovoice help make-it-yours".to_owned()),
    ] {
        out.line(&format!("  {what:<22} {command}"));
    }
}

fn firm(args: &InitArgs, form: &mut Questions) -> Result<NewFirm> {
    let name = form.answer(
        args.firm.as_ref(),
        ("--firm", "Name of the firm"),
        None,
        |text| init::line("the firm's name", text),
    )?;
    let address = form.answer(
        args.address.as_ref(),
        ("--address", "Postal address (street, place, code)"),
        None,
        init::address,
    )?;
    let link = form.answer(
        args.web.as_ref(),
        ("--web", "Web address"),
        None,
        init::link,
    )?;
    let bare = link
        .trim_start_matches("https://")
        .trim_start_matches("www.");
    let mailbox = format!("hello@{}", bare.split('/').next().unwrap_or_default());
    let email = form.answer(
        args.email.as_ref(),
        ("--email", "Mailbox that messages come from"),
        Some(&mailbox),
        init::email,
    )?;
    let jurisdictions = form.answer(
        together(&args.jurisdictions).as_ref(),
        ("--jurisdictions", "Where customers live (US, UK, EU, DE …)"),
        Some("US"),
        init::jurisdictions,
    )?;
    let channels = form.answer(
        together(&args.channels).as_ref(),
        ("--channels", "Channels (email, sms, push)"),
        Some("email"),
        init::channels,
    )?;
    let sender = init::sms_sender_of(&name);
    let texts = channels.iter().any(|channel| channel.as_str() != "email");
    let sms_sender = match (&args.sms_sender, texts) {
        (None, false) => sender,
        (given, _) => form.answer(
            given.as_ref(),
            ("--sms-sender", "Who texts come from"),
            Some(&sender),
            init::sms_sender,
        )?,
    };
    let voice = form.answer(
        args.voice.as_ref(),
        ("--voice", "How you speak, in a sentence"),
        Some("Calm, plain, helpful."),
        |text| init::line("the voice", text),
    )?;
    let examples = args.examples
        || form.asks
            && form.answer(
                None,
                (
                    "--examples",
                    "Put in an invented customer to try with? yes or no",
                ),
                Some("no"),
                yes_or_no,
            )?;
    Ok(NewFirm {
        products: products(args, form)?,
        name,
        address,
        link,
        email,
        voice,
        sms_sender,
        jurisdictions,
        channels,
        examples,
    })
}

fn products(args: &InitArgs, form: &mut Questions) -> Result<Vec<NewProduct>> {
    let mut products: Vec<NewProduct> = Vec::new();
    for text in &args.products {
        add(&mut products, init::product(text)?)?;
    }
    if !products.is_empty() || !form.asks {
        return if products.is_empty() {
            Err(missing("--product"))
        } else {
            Ok(products)
        };
    }
    loop {
        let kind = if products.is_empty() {
            form.answer(
                None,
                (
                    "--product",
                    "First product: its kind (savings, checking, personal_loan, credit_card, mortgage …)",
                ),
                Some("savings"),
                |text| init::line("the kind", text),
            )?
        } else {
            form.answer(
                None,
                ("--product", "Kind of a further product, or none"),
                Some("none"),
                |text| init::line("the kind", text),
            )?
        };
        if kind == "none" && !products.is_empty() {
            return Ok(products);
        }
        let name = form.answer(None, ("--product", "Its name"), None, |text| {
            init::product(&format!("{kind}={text}")).map(|product| product.name)
        })?;
        let says = form.answer(
            None,
            (
                "--product",
                "A sentence that is true of it (a message needs something to say)",
            ),
            None,
            |text| init::line("the sentence", text),
        )?;
        let made = init::product(&format!("{kind}={name}: {says}"));
        if let Err(error) = made.and_then(|product| add(&mut products, product)) {
            form.say(&error.to_string());
        }
    }
}

fn add(products: &mut Vec<NewProduct>, product: NewProduct) -> Result<()> {
    if products.iter().any(|known| known.class == product.class) {
        let problem = format!("the product `{}` is given twice", product.class);
        return Err(Error::new(Kind::Input, problem)
            .fix("one product of a kind here; further ones go into knowledge_base/products.toml"));
    }
    products.push(product);
    Ok(())
}

fn together(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| list.join(","))
}

fn yes_or_no(text: &str) -> Result<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err(Error::new(Kind::Input, "neither yes nor no")),
    }
}

fn missing(flag: &str) -> Error {
    Error::new(
        Kind::Input,
        format!("{flag} is missing, and there is nobody to ask"),
    )
    .fix("give it, or run `echovoice init` in a terminal; `echovoice init --help` lists all")
}

/// Questions on the terminal, each asked until the answer can be used.
struct Questions {
    asks: bool,
}

impl Questions {
    fn say(&self, text: &str) {
        if self.asks {
            eprintln!("{}", hidden::visible_line(text));
        }
    }

    /// What a flag gives, or else the answer to the question; without anybody to ask, what stands for it.
    fn answer<T>(
        &mut self,
        given: Option<&String>,
        (flag, question): (&str, &str),
        usual: Option<&str>,
        read: impl Fn(&str) -> Result<T>,
    ) -> Result<T> {
        if let Some(given) = given {
            return read(given).map_err(|error| error.at(flag.to_owned()));
        }
        if !self.asks {
            return usual.map_or_else(|| Err(missing(flag)), read);
        }
        loop {
            let bracket = usual.map(|usual| format!(" [{usual}]"));
            eprint!("{question}{}: ", bracket.unwrap_or_default());
            let _ = io::stderr().flush();
            let mut line = String::new();
            let read_bytes = io::stdin()
                .lock()
                .read_line(&mut line)
                .map_err(|e| Error::of(Kind::Io, e))?;
            if read_bytes == 0 {
                return Err(missing(flag));
            }
            let text = match (line.trim(), usual) {
                ("", Some(usual)) => usual,
                (text, _) => text,
            };
            match read(text) {
                Ok(answer) => return Ok(answer),
                Err(error) => self.say(&error.to_string()),
            }
        }
    }
}
