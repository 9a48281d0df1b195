//! Heads of tables: which columns name whom. They are those that senders' exports of unsubscribed, suppressed, bounced and
//! complaining addresses have, in any case and with any signs between the words: Mailchimp (`Email Address`, `Phone Number`),
//! SendGrid (`email,created`), HubSpot (`Record ID`, `Email`, `Phone Number`), Salesforce (`Id`, `Email`, `MobilePhone`),
//! Marketing Cloud (`Subscriber Key`, `Email Address`), Mailgun (`address`), SES (`EmailAddress`), Klaviyo (`Email`,
//! `Phone Number`, `Klaviyo ID`), Brevo (`EMAIL`, `SMS`, `EXT_ID`), Postmark (`EmailAddress`, `Recipient`).

use unicode_normalization::UnicodeNormalization as _;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Email,
    Phone,
    Id,
    /// An address, a number or an id.
    Any,
    Other,
}

/// Words in a name that make it a column about an address or a number, and not one with it.
const ABOUT: [&str; 29] = [
    "optout",
    "optin",
    "optedout",
    "unsub",
    "status",
    "type",
    "date",
    "time",
    "count",
    "consent",
    "domain",
    "valid",
    "verified",
    "campaign",
    "template",
    "subject",
    "sent",
    "open",
    "click",
    "bounce",
    "last",
    "from",
    "sender",
    "hash",
    "md5",
    "sha",
    "country",
    "extension",
    "reason",
];

const EMAIL: [&str; 3] = ["mail", "courriel", "correo"];

const PHONE: [&str; 10] = [
    "phone",
    "mobile",
    "cellular",
    "telefon",
    "telephone",
    "msisdn",
    "handy",
    "whatsapp",
    "gsm",
    "portable",
];

const PHONE_WHOLE: [&str; 9] = [
    "tel",
    "cell",
    "mobil",
    "movil",
    "cellulare",
    "sms",
    "smsnumber",
    "fax",
    "number",
];

const ID_WHOLE: [&str; 34] = [
    "id",
    "userid",
    "customerid",
    "contactid",
    "clientid",
    "memberid",
    "personid",
    "profileid",
    "recordid",
    "recordidcontact",
    "leadid",
    "subscriberid",
    "externalid",
    "extid",
    "crmid",
    "uid",
    "customer",
    "customernumber",
    "customerno",
    "clientnumber",
    "membernumber",
    "kundennummer",
    "kundennr",
    "kundenid",
    "numeroclient",
    "idclient",
    "idcliente",
    "hsobjectid",
    "vid",
    "distinctid",
    "contactkey",
    "personkey",
    "userkey",
    "customerkey",
];

const ANY_WHOLE: [&str; 12] = [
    "subscriberkey",
    "recipient",
    "recipients",
    "contact",
    "identity",
    "identifier",
    "who",
    "subscriber",
    "address",
    "to",
    "destination",
    "adresse",
];

/// A name in plain small letters and digits, without accents.
fn plain(name: &str) -> String {
    name.nfkd()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// What a column of this name holds.
pub(super) fn column(name: &str) -> Column {
    // A sentence is no name, and neither an address nor a number behind a word is one.
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if name.chars().count() > 60 || name.contains('@') || digits > 4 {
        return Column::Other;
    }
    let name = plain(name);
    let is_about = ABOUT.iter().any(|word| name.contains(word));
    if ID_WHOLE.contains(&name.as_str()) {
        Column::Id
    } else if ANY_WHOLE.contains(&name.as_str()) {
        Column::Any
    } else if is_about {
        Column::Other
    } else if EMAIL.iter().any(|word| name.contains(word)) {
        Column::Email
    } else if PHONE_WHOLE.contains(&name.as_str()) || PHONE.iter().any(|word| name.contains(word)) {
        Column::Phone
    } else {
        Column::Other
    }
}

/// The columns of a head, if these cells are one: at least one of them names somebody, and none is somebody.
pub(super) fn head(cells: &[&str]) -> Option<Vec<Column>> {
    let columns: Vec<Column> = cells.iter().map(|cell| column(cell)).collect();
    let names = columns.iter().any(|column| *column != Column::Other);
    names.then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heads_of_senders_exports_are_known() {
        for (names, column_of) in [
            (
                "email|Email|E-Mail|Email Address|EMAIL_ADDRESS|EmailAddress|e-mail-adresse|Adresse e-mail|Courriel|\
                 Correo electrónico|email_id|Customer Email|PersonEmail|properties.email",
                Column::Email,
            ),
            (
                "phone|Phone Number|MobilePhone|mobile_number|Téléphone|Telefon|SMS|tel|msisdn|WhatsApp",
                Column::Phone,
            ),
            (
                "id|user_id|Customer ID|ContactId|Record ID - Contact|EXT_ID|Kundennummer|hs_object_id",
                Column::Id,
            ),
            ("Subscriber Key|Recipient|address", Column::Any),
            (
                "created|First Name|HasOptedOutOfEmail|email_status|UNSUB_TIME|email_opt_out|Last Email Date|reason|\
                 email_md5|phone_type|campaign_id|LEID",
                Column::Other,
            ),
        ] {
            for name in names.split('|') {
                assert_eq!(column(name), column_of, "{name:?}");
            }
        }
        assert_eq!(head(&["amara.osei@example.com", "1764000000"]), None);
        assert_eq!(head(&["C-1042"]), None);
        assert_eq!(head(&["Mobile: +33 6 12 34 56 24"]), None);
    }
}
