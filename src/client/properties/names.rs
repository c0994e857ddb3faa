//! Names, times and base64: how each is spelt.

use proptest::prelude::*;

use super::{bindable, bytes, holds, matching, text};
use crate::base::base64::{self, Alphabet};
use crate::base::{Reference, SecretName, is_hidden};
use crate::record::{Created, is_bindable};

#[test]
fn base64_is_read_in_any_spelling_and_written_in_one() {
    let noise = matching("[ \n\r\t%!é\u{0}]{0,3}");
    holds(
        &(
            bytes(60),
            noise,
            any::<prop::sample::Index>(),
            any::<bool>(),
        ),
        |(raw, noise, at, safe)| {
            let (alphabet, text) = if safe {
                (Alphabet::UrlSafe, base64::encode_url_safe(&raw))
            } else {
                (Alphabet::Standard, base64::encode(&raw))
            };
            let at = at.index(text.len() + 1);
            let spelt = format!("{}{noise}{}", &text[..at], &text[at..]);
            prop_assert_eq!(
                base64::decode(spelt.as_bytes(), alphabet),
                Some(raw.clone())
            );
            if safe {
                let canonical = base64::canonical_url_safe(&spelt);
                prop_assert_eq!(canonical.as_deref(), Some(&*text));
                let standard = base64::encode(&raw);
                let canonical = base64::canonical_url_safe(&standard);
                prop_assert_eq!(canonical.as_deref(), Some(&*text));
            }
            Ok(())
        },
    );
}

#[test]
fn a_time_has_one_spelling_that_sorts_as_the_time_does() {
    let seconds = || -62_135_596_800_i64..253_402_300_800;
    holds(&(seconds(), seconds()), |(one, other)| {
        let [first, second] =
            [one, other].map(|seconds| Created::at(seconds).expect("a year of four digits"));
        prop_assert_eq!(Created::parse(&first.to_string()), Some(first.clone()));
        prop_assert_eq!(first.to_string().cmp(&second.to_string()), one.cmp(&other));
        let age = u64::try_from(other.saturating_sub(one)).unwrap_or(0);
        prop_assert_eq!(first.age(&second).as_secs(), age);
        Ok(())
    });
}

#[test]
fn a_name_can_be_bound_only_if_it_is_spelt_as_the_format_says() {
    let name = prop_oneof![
        bindable(),
        matching("[a./-]{0,6}"),
        text(),
        matching("[a-z]{505,515}")
    ];
    holds(&name, |name| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
        let segments = |name: &str| {
            !name
                .split('/')
                .any(|segment| ["", ".", ".."].contains(&segment))
        };
        let expected = name.chars().count() <= 512 && name.chars().all(plain) && segments(&name);
        prop_assert_eq!(is_bindable(&name), expected);
        Ok(())
    });
}

#[test]
fn a_name_is_one_word_of_a_shell_and_one_reference() {
    holds(&text(), |text| {
        let Ok(name) = text.parse::<SecretName>() else {
            prop_assert!(text.is_empty() || text.contains('\0'));
            return Ok(());
        };
        prop_assert_eq!(name.as_str(), &text);
        // What a terminal would hide is in quotes that the crate does not know.
        let hidden = text.contains(is_hidden);
        let words = (!hidden).then(|| shell_words::split(&name.argument()).expect("words"));
        let expected = if text.starts_with('-') {
            vec!["--", &text]
        } else {
            vec![&*text]
        };
        prop_assert!(
            words.as_ref().is_none_or(|words| *words == expected),
            "{:?}",
            words
        );
        let mut typed = String::new();
        for c in text.chars() {
            match c {
                '#' | '@' | '%' | '=' | '+' => typed = format!("{typed}%{:02X}", u32::from(c)),
                c => typed.push(c),
            }
        }
        let reference: Reference = typed.parse().expect("a reference");
        prop_assert_eq!((reference.name, reference.version), (name, None));
        Ok(())
    });
}
