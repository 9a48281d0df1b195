//! `serve`: the HTTP interface.

use super::global::Global;
use super::output::{Out, Progress};
use super::service_args::ServeArgs;
use super::{Answer, acting, as_of, open_to_judge};
use crate::error::{Error, Kind, Result};
use crate::http::{self, For, Identity, Limits, Serve, Times};
use crate::service::home::workspace::Options;
use crate::service::users::tokens;
use crate::service::{Needs, Workspace};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub fn run(global: &Global, args: &ServeArgs, out: &mut Out) -> Result<Answer> {
    let whom = match &args.tenants {
        Some(folder) => For::Tenants(tenants(global, folder)?),
        None => {
            let workspace = open_to_judge(global, Needs::Record)?;
            workspace.rules()?;
            if !args.open {
                has_a_token(&workspace)?;
            }
            For::One(Arc::new(workspace))
        }
    };
    let limits = Limits {
        per_second: args.rate,
        at_once: args.at_once,
    };
    let serve = Serve {
        whom,
        listen: args.listen,
        open: args.open,
        limits,
        log: !args.quiet,
        tls: args
            .tls_certificate
            .clone()
            .zip(args.tls_key.clone())
            .map(|(certificate, key)| Identity { certificate, key }),
        times: Times {
            patience: Duration::from_secs(args.patience.get().into()),
            grace: Duration::from_secs(args.grace.into()),
            connections: args.connections.get(),
        },
    };
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    let as_json = global.json;
    http::serve(serve, &mut |address| {
        if as_json {
            out.json(&json!({"listening": address.to_string()}));
        } else {
            out.line(&format!(
                "listening on {scheme}://{address}; Ctrl-C ends it"
            ));
        }
        out.flush();
    })?;
    Ok(Answer::Done)
}

fn has_a_token(workspace: &Workspace) -> Result<()> {
    if tokens::list(&workspace.home)?.is_empty() {
        return Err(
            Error::new(Kind::Input, "there is no token yet, so nobody could ask")
                .at(workspace.home.display().to_string())
                .fix(
                "make one with `echovoice token add NAME`, or serve this machine alone with --open",
            ),
        );
    }
    Ok(())
}

/// The homes in a folder, each opened.
fn tenants(global: &Global, folder: &Path) -> Result<Vec<(String, Arc<Workspace>)>> {
    let place = folder.display().to_string();
    let unread = |e: std::io::Error| Error::of(Kind::Io, e).at(place.clone());
    let mut names = Vec::new();
    for entry in folder.read_dir().map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() || name.starts_with('.') {
            continue;
        }
        if !http::is_tenant(&name) {
            return Err(Error::new(
                Kind::Input,
                "a tenant's name is lower-case letters, digits and -, 40 at most",
            )
            .at(entry.path().display().to_string())
            .fix("rename the folder"));
        }
        names.push(name);
    }
    if names.is_empty() {
        return Err(
            Error::new(Kind::Input, "there is no tenant's home in this folder")
                .at(place)
                .fix("make one with `echovoice --home DIR/NAME token add PERSON`"),
        );
    }
    names.sort();
    let open = |name: String| {
        let workspace = open_tenant(global, &folder.join(&name), &name)?;
        workspace.rules()?;
        has_a_token(&workspace)?;
        Ok((name, Arc::new(workspace)))
    };
    names.into_iter().map(open).collect()
}

/// Opens one of several tenants' homes.
fn open_tenant(global: &Global, home: &Path, name: &str) -> Result<Workspace> {
    let mut bar = Progress::default();
    Workspace::open(Options {
        home,
        needs: Needs::Record,
        judges: true,
        person: acting(global, home).as_deref(),
        as_of: as_of(global)?,
        tenant: Some(name),
        progress: &mut |step| bar.show(step.what, step.done, step.of),
    })
}
