//! The bucket's store against answers that are written down here.

use super::*;

#[test]
fn an_etag_is_told_from_a_version() {
    for etag in [
        "d41d8cd98f00b204e9800998ecf8427e",
        "\"d41d8cd98f00b204e9800998ecf8427e-12\"",
    ] {
        assert!(is_etag(etag), "{etag}");
    }
    for version in [
        "null",
        "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH",
        "01HZX3V4ZC9QK1W8T0E5M7N6P2",
        "d41d8cd98f00b204e9800998ecf8427e-",
    ] {
        assert!(!is_etag(version), "{version}");
    }
}
