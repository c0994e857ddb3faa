//! What users type: names, references, fields, paths, stores and wrapping keys.

use super::{choice, is_safe, is_safe_error};
use crate::backends::in_folder;
use crate::base::text::{OneLine, shell_word};
use crate::base::{
    FieldPath, ObjectPath, Reference, SecretName, Target, VarName, is_hidden, is_variable,
};
use crate::config::{AccessPoint, Sse, StoreAddress, WrappingKeyId, is_region};
use crate::record::is_bindable;

/// Each text is what it says or an error; what is written of it is read as the same, and
/// no name leaves its store.
pub fn names(input: &[u8]) {
    let (chosen, text) = choice(input);
    let text = String::from_utf8_lossy(text);
    let text = &*text;
    match chosen % 5 {
        0 => name(text),
        1 => reference(text),
        2 => field(text),
        3 => store(text),
        _ => variable(text),
    }
}

fn name(text: &str) {
    is_safe(&OneLine(text).to_string());
    is_safe(&shell_word(text));
    let Ok(name) = text.parse::<SecretName>() else {
        assert!(text.is_empty() || text.contains('\0'));
        return;
    };
    assert_eq!(name.as_str(), text);
    is_safe(&name.to_string());
    is_safe(&name.command("rollback", "--to 7"));
    // A shell reads what is written of it; hidden characters have a form that this one
    // does not know.
    if !text.contains(is_hidden) {
        let words = shell_words::split(&name.argument()).expect("words");
        assert_eq!(words.last().map(String::as_str), Some(text));
        assert_eq!(words.len(), 1 + usize::from(text.starts_with('-')));
    }
    if is_bindable(text) {
        assert!(!text.contains(is_hidden) && text.len() <= 512);
    }
    match in_folder(&name) {
        Err(error) => is_safe_error(&error),
        Ok((place, above, file)) => {
            assert_eq!(place.path.identity(), format!("file://{text}"));
            assert!(!file.is_empty() && !file.contains('/'));
            let whole = format!("{above}/{file}");
            assert_eq!(whole.trim_start_matches('/'), text);
            let own = |part: &str| !matches!(part, "" | "." | "..");
            assert!(text.split('/').all(own), "{text}");
            assert_ne!(text.split('/').next(), Some(".lazycred"));
        }
    }
    // Nothing of a name is lost or gained before its record's path.
    let path = ObjectPath::new("s3://acme/", format!("prod/{text}"));
    assert_eq!(path.identity(), format!("s3://acme/prod/{text}"));
    is_safe(&path.to_string());
}

fn escaped(text: &str) -> String {
    let escapes = [
        ('%', "%25"),
        ('#', "%23"),
        ('@', "%40"),
        ('=', "%3D"),
        ('+', "%2B"),
    ];
    let escape = |text: String, (plain, code): (char, &str)| text.replace(plain, code);
    escapes.into_iter().fold(text.to_owned(), escape)
}

fn reference(text: &str) {
    match text.parse::<Reference>() {
        Err(error) => is_safe_error(&error),
        Ok(read) => {
            assert_eq!(read.as_str(), text);
            is_safe(&read.to_string());
            let target = match &read.target {
                Target::Fields => String::new(),
                Target::Prefixed(prefix) => format!("{prefix}+="),
                Target::Named(name) => format!("{name}="),
            };
            let version = read.version.as_deref().map(escaped);
            let version = version.map_or(String::new(), |version| format!("@{version}"));
            let field = read.field.as_ref().map(FieldPath::as_str).map(escaped);
            let field = field.map_or(String::new(), |field| format!("#{field}"));
            let written = format!("{target}{}{version}{field}", escaped(read.name.as_str()));
            let again = written.parse::<Reference>().expect("a reference");
            assert_eq!((&again.name, &again.version), (&read.name, &read.version));
            assert_eq!((&again.field, &again.target), (&read.field, &read.target));
        }
    }
    if !text.is_empty() && !text.contains('\0') {
        let whole = escaped(text).parse::<Reference>().expect("a name");
        assert_eq!(whole.name.as_str(), text);
        assert!(whole.version.is_none() && whole.field.is_none());
    }
}

fn field(text: &str) {
    match text.parse::<FieldPath>() {
        Err(error) => is_safe_error(&error),
        Ok(field) => {
            let pointer = field.pointer().parse::<FieldPath>().expect("a pointer");
            assert_eq!(pointer.steps(), field.steps());
            assert_eq!(pointer.pointer(), field.pointer());
        }
    }
}

fn store(text: &str) {
    match StoreAddress::parse(text) {
        Err(error) => is_safe_error(&error),
        Ok(StoreAddress::Folder(folder)) => {
            assert_eq!(folder.to_str(), text.strip_prefix("file:"));
        }
        Ok(StoreAddress::S3 { bucket, prefix }) => {
            let written = match AccessPoint::of(&bucket) {
                None => text.to_owned(),
                // Both ways to write an access point are one bucket.
                Some(point) => {
                    let other = StoreAddress::parse(&format!("{}/{prefix}", point.arn()));
                    let (bucket, prefix) = (bucket.clone(), prefix.clone());
                    assert_eq!(other.ok(), Some(StoreAddress::S3 { bucket, prefix }));
                    with_colon(text)
                }
            };
            assert_eq!(format!("{bucket}/{prefix}"), written);
        }
    }
    match text.parse::<WrappingKeyId>() {
        Err(error) => is_safe_error(&error),
        Ok(id) => {
            let written = id.to_string();
            is_safe(&written);
            assert_eq!(written.parse::<WrappingKeyId>().ok(), Some(id));
        }
    }
    if is_region(text) {
        is_safe(text);
    }
}

/// An access point's ARN, with a colon before its name where it has a slash.
fn with_colon(text: &str) -> String {
    let resource = text.match_indices(':').nth(4).expect("an ARN").0;
    let (before, resource) = text.split_at(resource);
    match resource.strip_prefix(":accesspoint/") {
        Some(rest) => format!("{before}:accesspoint:{rest}"),
        None => text.to_owned(),
    }
}

fn variable(text: &str) {
    let read = text.parse::<VarName>();
    assert_eq!(read.is_ok(), is_variable(text));
    match read {
        Ok(name) => assert!(!name.as_str().contains(['=', '\0'])),
        Err(error) => is_safe(&error.to_string()),
    }
    let mut spelt = String::new();
    VarName::spell(&mut spelt, text, |c| c.to_ascii_uppercase());
    assert_eq!(VarName::spelt(&spelt).is_some(), !text.is_empty());
    assert!(text.is_empty() || is_variable(&spelt));
}
