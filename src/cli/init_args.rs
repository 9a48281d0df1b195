//! Arguments of `init`.

use clap::Args as ClapArgs;

/// Without flags the questions are asked on the terminal; what a flag gives is not asked.
#[derive(ClapArgs, Default)]
pub struct InitArgs {
    /// The firm's name, as customers know it
    #[arg(long, value_name = "NAME")]
    pub firm: Option<String>,
    /// Its postal address, with commas
    #[arg(long)]
    pub address: Option<String>,
    /// Where its pages are: https://www.brookbank.example
    #[arg(long, value_name = "URL")]
    pub web: Option<String>,
    /// The mailbox that messages come from
    #[arg(long)]
    pub email: Option<String>,
    /// How the firm speaks, in a sentence
    #[arg(long)]
    pub voice: Option<String>,
    /// Who texts come from: 3 to 11 letters and digits
    #[arg(long, value_name = "NAME")]
    pub sms_sender: Option<String>,
    /// Where its customers live: US, US-CA, UK, EU, DE …
    #[arg(long, value_delimiter = ',', value_name = "PLACES")]
    pub jurisdictions: Vec<String>,
    /// email, sms, push
    #[arg(long, value_delimiter = ',')]
    pub channels: Vec<String>,
    /// A product, as CLASS=NAME or "CLASS=NAME: A sentence that is true of it."; may be given more than once
    #[arg(long = "product", value_name = "PRODUCT")]
    pub products: Vec<String>,
    /// Name of the first administrator: small letters, digits, dots
    #[arg(long, value_name = "NAME")]
    pub admin: Option<String>,
    /// Put in an invented customer to try with
    #[arg(long)]
    pub examples: bool,
}
