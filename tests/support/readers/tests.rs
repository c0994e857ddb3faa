//! The readers themselves, on texts that nobody differs on.

use super::{Answer, Reader};

fn agree(readers: &[Reader], text: &str, wrong: &str) {
    let expected =
        [("A", "x y"), ("B2", "\u{e9}")].map(|(name, value)| (name.into(), value.into()));
    for reader in readers {
        let answers = reader.read_all(&[text.into(), wrong.into(), text.into()]);
        let sorted = |answer: &Answer| {
            let mut pairs = answer
                .clone()
                .unwrap_or_else(|said| panic!("{reader:?}: {said}"));
            pairs.sort();
            pairs
        };
        assert_eq!(sorted(&answers[0]), expected, "{reader:?}");
        assert_eq!(sorted(&answers[2]), expected, "{reader:?}");
        assert_ne!(answers[1].as_deref(), Ok(&expected[..]), "{reader:?}");
    }
}

#[test]
fn every_reader_reads_plain_text_and_goes_on_behind_what_is_wrong() {
    agree(&super::dotenv(), "A='x y'\nB2=\u{e9}\n", "A='x y\n");
    agree(
        &super::shells(),
        "export A='x y'\nexport B2=\u{e9}\n",
        "export A='x y\n",
    );
    agree(&super::yaml(), "A: x y\n\"B2\": \"\u{e9}\"\n", "A: 1\n");
    agree(
        &super::json(),
        "{\"A\": \"x y\", \"B2\": \"\u{e9}\"}",
        "{\"A\": 1}",
    );
    agree(
        &super::k8s(),
        "kind: Secret\ndata: {A: eCB5, B2: w6k=}\n",
        "data: {A: ___}\n",
    );
    agree(&super::docker(), "A=x y\n#\n \tB2=\u{e9}\n", "A B=x y\n");
    agree(
        &super::systemd(),
        "A=\"x y\"\nB2=\u{e9}\n",
        "A=\"\u{fffe}\"\n",
    );
}
