//! The fields of a form in a PDF: their values are drawn apart from the page's text.

use pdf_extract::{Dictionary, Document, Object};

/// Fields that are read, and how deep they nest; more are no form that a person filled in.
const FIELDS: usize = 2_000;
const DEPTH: usize = 16;

/// Name and value of each field that holds one, and how many fields there are.
pub(super) fn fields(file: &Document) -> (Vec<(String, String)>, usize) {
    let mut found = Vec::new();
    let mut count = 0;
    let form = file
        .catalog()
        .ok()
        .and_then(|catalog| catalog.get(b"AcroForm").ok())
        .and_then(|form| resolved(file, form))
        .and_then(|form| form.as_dict().ok());
    if let Some(roots) = form.and_then(|form| list(file, form, b"Fields")) {
        for field in roots {
            walk(file, field, "", 0, &mut found, &mut count);
        }
    }
    (found, count)
}

fn walk(
    file: &Document,
    field: &Object,
    above: &str,
    depth: usize,
    found: &mut Vec<(String, String)>,
    count: &mut usize,
) {
    if depth > DEPTH || *count >= FIELDS {
        return;
    }
    let Some(field) = resolved(file, field).and_then(|o| o.as_dict().ok()) else {
        return;
    };
    *count += 1;
    let part = |key: &[u8]| field.get(key).ok().and_then(|o| written(file, o));
    // What a reader is told, or else the path of names.
    let name = match (part(b"TU"), part(b"T")) {
        (Some(told), _) => told,
        (None, Some(name)) if above.is_empty() => name,
        (None, Some(name)) => format!("{above}.{name}"),
        (None, None) => above.to_owned(),
    };
    if let Some(value) = part(b"V").filter(|v| !v.trim().is_empty() && v != "Off") {
        found.push((name.clone(), value));
    }
    for kid in list(file, field, b"Kids").into_iter().flatten() {
        walk(file, kid, &name, depth + 1, found, count);
    }
}

fn resolved<'d>(file: &'d Document, object: &'d Object) -> Option<&'d Object> {
    file.dereference(object).ok().map(|(_, object)| object)
}

fn list<'d>(file: &'d Document, of: &'d Dictionary, key: &[u8]) -> Option<&'d Vec<Object>> {
    resolved(file, of.get(key).ok()?)?.as_array().ok()
}

fn written(file: &Document, object: &Object) -> Option<String> {
    match resolved(file, object)? {
        Object::String(bytes, _) => Some(decoded(bytes)),
        Object::Name(name) => Some(String::from_utf8_lossy(name).into_owned()),
        Object::Integer(number) => Some(number.to_string()),
        Object::Real(number) => Some(number.to_string()),
        _ => None,
    }
}

/// UTF-16 with its mark, UTF-8 with its mark, or the encoding of PDF, which is Latin for what forms hold.
fn decoded(bytes: &[u8]) -> String {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}
