//! Python string and bytes literals, as `repr` writes them.

/// The bytes that a literal such as `'\n the'` or `b'\xe4\xbd'` stands for, text as UTF-8.
///
/// Fails with what is wrong about it.
pub(super) fn parse(literal: &str) -> Result<Vec<u8>, String> {
    let (quoted, is_bytes) = match literal.strip_prefix('b') {
        Some(rest) => (rest, true),
        None => (literal, false),
    };
    let quote = quoted.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let body = quote.and_then(|quote| quoted[1..].strip_suffix(quote));
    let (Some(quote), Some(body)) = (quote, body) else {
        return Err(format!("has {literal}, which is not in quotes"));
    };

    let mut out = Vec::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, is_bytes, &mut out).ok_or_else(|| {
                format!("has {literal}, with an escape that Python's repr does not write")
            })?,
            c if c == quote => return Err(format!("has {literal}, with a quote inside")),
            c if is_bytes && !c.is_ascii() => {
                return Err(format!("has {literal}, with {c} among bytes"));
            }
            c => push(c, &mut out),
        }
    }
    Ok(out)
}

/// What follows a backslash.
fn escape(rest: &mut std::str::Chars<'_>, is_bytes: bool, out: &mut Vec<u8>) -> Option<()> {
    let c = match rest.next()? {
        c @ ('\\' | '\'' | '"') => c,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\x07',
        'b' => '\x08',
        'v' => '\x0b',
        'f' => '\x0c',
        'x' => {
            let code = hex(rest, 2)?;
            if is_bytes {
                out.push(u8::try_from(code).ok()?);
                return Some(());
            }
            char::from_u32(code)?
        }
        'u' if !is_bytes => char::from_u32(hex(rest, 4)?)?,
        'U' if !is_bytes => char::from_u32(hex(rest, 8)?)?,
        _ => return None,
    };
    push(c, out);
    Some(())
}

fn hex(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0, |code: u32, _| {
        code.checked_mul(16)?
            .checked_add(rest.next()?.to_digit(16)?)
    })
}

fn push(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}
