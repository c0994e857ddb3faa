//! The name of the authority that a certificate names as its issuer.
//!
//! Only for messages: nothing is trusted for it.
//!
//! Source: RFC 5280, section 4.1.

/// The identifiers of the parts of a name that are shown: the first that is there.
const SHOWN: [&[u8]; 3] = [
    &[0x55, 4, 3],  // commonName
    &[0x55, 4, 10], // organizationName
    &[0x55, 4, 11], // organizationalUnitName
];

/// The tags of DER that matter here.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTF_16: u8 = 0x1e;

/// The issuer's common name, or else its organization.
pub(super) fn of(certificate: &[u8]) -> Option<String> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    let [_serial, _algorithm, issuer] = [(); 3].map(|()| {
        let (tag, content, rest) = element(fields)?;
        fields = rest;
        Some((tag, content))
    });
    let (SEQUENCE, issuer) = issuer? else {
        return None;
    };
    let parts = parts(issuer);
    let shown = |wanted: &&[u8]| {
        let part = parts.iter().find(|(id, _)| id == wanted);
        part.map(|(_, text)| text.clone())
    };
    SHOWN.iter().find_map(shown)
}

/// The parts of a name: identifiers and texts.
fn parts(mut name: &[u8]) -> Vec<(&[u8], String)> {
    let mut parts = Vec::new();
    while let Some((_, mut set, rest)) = element(name) {
        name = rest;
        while let Some((_, pair, rest)) = element(set) {
            set = rest;
            if let Some((_, id, value)) = element(pair)
                && let Some((tag, value, _)) = element(value)
            {
                parts.push((id, text(tag, value)));
            }
        }
    }
    parts
}

fn text(tag: u8, value: &[u8]) -> String {
    if tag != UTF_16 {
        return String::from_utf8_lossy(value).into_owned();
    }
    let (units, _) = value.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|&unit| u16::from_be_bytes(unit)).collect();
    String::from_utf16_lossy(&units)
}

/// The first element of DER: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], mut rest) = der.split_first_chunk()?;
    let mut length = usize::from(length);
    if length & 0x80 != 0 {
        let (bytes, after) = rest.split_at_checked(length & 0x7f)?;
        if bytes.is_empty() || bytes.len() > 3 {
            return None;
        }
        length = bytes
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use rcgen::string::BmpString;
    use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair};

    use super::*;

    fn named(parts: &[(DnType, DnValue)]) -> Vec<u8> {
        let mut about = CertificateParams::new(vec!["a.test".to_owned(); 300]).unwrap();
        about.distinguished_name = DistinguishedName::new();
        for (part, text) in parts {
            about.distinguished_name.push(part.clone(), text.clone());
        }
        let own = KeyPair::generate().unwrap();
        about.self_signed(&own).unwrap().der().to_vec()
    }

    #[test]
    fn the_common_name_is_shown_or_else_the_organization() {
        let utf_8 = |text: &str| DnValue::Utf8String(text.into());
        let utf_16 = DnValue::BmpString(BmpString::try_from("Zürich €").unwrap());
        let organization = (DnType::OrganizationName, utf_8("Acme"));
        let country = (DnType::CountryName, utf_8("CH"));
        for (parts, expected) in [
            (
                vec![
                    country.clone(),
                    organization.clone(),
                    (DnType::CommonName, utf_8("Root")),
                ],
                Some("Root"),
            ),
            (vec![(DnType::CommonName, utf_16)], Some("Zürich €")),
            (vec![country.clone(), organization], Some("Acme")),
            (vec![country], None),
            (vec![], None),
        ] {
            assert_eq!(of(&named(&parts)).as_deref(), expected);
        }
    }

    #[test]
    fn damaged_bytes_give_a_name_or_none() {
        let text = DnValue::Utf8String("Root".into());
        let whole = named(&[(DnType::CommonName, text)]);
        for end in 0..whole.len() {
            assert_eq!(of(&whole[..end]), None);
        }
        for at in 0..200 {
            for byte in [0, 0x7f, 0x80, 0x84, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                of(&damaged);
            }
        }
    }
}
