//! Why a server's certificate was not taken, in words that name the fault: only then can it be mended.

use rustls::CertificateError as Fault;
use std::error::Error;
use std::io;

/// The fault, if it is one of the certificate.
pub(super) fn fault(error: &(dyn Error + 'static)) -> Option<String> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return told(found);
        }
        // What an I/O error wraps is not among its sources.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(wrapped) = wrapped {
            if let Some(found) = wrapped.downcast_ref::<rustls::Error>() {
                return told(found);
            }
            at = Some(wrapped);
            continue;
        }
        at = error.source();
    }
    None
}

pub(super) fn told(error: &rustls::Error) -> Option<String> {
    let fault = match error {
        rustls::Error::InvalidCertificate(fault) => fault,
        rustls::Error::NoCertificatesPresented => {
            return Some("the server shows no certificate".into());
        }
        _ => return None,
    };
    let what = match fault {
        Fault::Expired | Fault::ExpiredContext { .. } => "has expired",
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            "is not valid yet; is this machine's clock right?"
        }
        Fault::UnknownIssuer => {
            "is signed by somebody who is not known here; name their certificate under root_certificates"
        }
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "is for another name than the host in the settings"
        }
        Fault::Revoked => "was revoked",
        Fault::BadSignature => "has a wrong signature",
        Fault::InvalidPurpose | Fault::InvalidPurposeContext { .. } => {
            "was not made for servers (extended key usage)"
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "is one of an authority (CA:TRUE) and not of a server; make one with CA:FALSE for the server"
        }
        other => {
            return Some(format!(
                "the server's certificate was not taken ({other:?})"
            ));
        }
    };
    Some(format!("the server's certificate {what}"))
}
