use crate::model::literal::parse;

#[test]
fn what_python_writes() {
    for (literal, bytes) in [
        (r"' the'", &b" the"[..]),
        (r#""it's""#, b"it's"),
        (r#"'"'"#, b"\""),
        (r#"'\'"'"#, b"'\""),
        (r"'\n\t\r\\'", b"\n\t\r\\"),
        (r"'\x00\x7f'", b"\0\x7f"),
        (r"'\xa0'", "\u{a0}".as_bytes()),
        (r"b'\xa0'", b"\xa0"),
        (r"b'\xe4\xbd a'", b"\xe4\xbd a"),
        (r"'\u200b'", "\u{200b}".as_bytes()),
        (r"'\U000e0020'", "\u{e0020}".as_bytes()),
        (r"'你好'", "你好".as_bytes()),
        (r"''", b""),
    ] {
        assert_eq!(parse(literal).as_deref(), Ok(bytes), "{literal}");
    }
}

#[test]
fn what_python_does_not_write() {
    for literal in [
        "",
        "'",
        "the",
        "'the",
        "the'",
        "'the\"",
        "b",
        r"'\'",
        r"'\q'",
        r"'\x4'",
        r"'\xg0'",
        r"'\ud800'",
        r"'\U00110000'",
        r"b'\u200b'",
        "b'你'",
        "'it's'",
    ] {
        assert!(parse(literal).is_err(), "{literal}");
    }
}
