use super::TextSpan;

/// Which word each span belongs to, counted from 0. A word is a run of letters, digits and underscores,
/// with the space before it in the same token; apostrophes inside it and joined emoji belong to it.
/// Punctuation, line breaks and characters of scripts that are written without spaces stand alone.
#[must_use]
pub fn words(spans: &[TextSpan]) -> Vec<usize> {
    let mut word = 0;
    (0..spans.len())
        .map(|at| {
            if at > 0 && !goes_on(spans, at) {
                word += 1;
            }
            word
        })
        .collect()
}

/// Whether a span goes on with the word of the one before it.
fn goes_on(spans: &[TextSpan], at: usize) -> bool {
    let (before, after) = (&spans[at - 1].text, &spans[at].text);
    let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    if last == JOINER && !first.is_whitespace() || extends(first) {
        return true;
    }
    // An apostrophe counts where letters stand on both sides of it.
    if is_apostrophe(first) {
        let next = after.chars().nth(1);
        let next = next.or_else(|| spans.get(at + 1)?.text.chars().next());
        return is_letter(last) && next.is_some_and(is_letter);
    }
    if is_apostrophe(last) {
        let previous = before.chars().nth_back(1);
        let previous = previous.or_else(|| {
            let at = at.checked_sub(2)?;
            spans[at].text.chars().next_back()
        });
        return previous.is_some_and(is_letter) && is_letter(first);
    }
    is_letter(last) && is_letter(first)
}

const JOINER: char = '\u{200D}';

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Letters, digits and the like of scripts that put spaces between words.
fn is_letter(c: char) -> bool {
    (c.is_alphanumeric() || c == '_' || extends(c)) && !is_spaceless(c)
}

/// Marks that change the character before them.
fn extends(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{64B}'..='\u{65F}'
        | '\u{93A}'..='\u{94F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | JOINER
        | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

/// Chinese and Japanese, Thai, Lao, Burmese and Khmer.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{30FF}' | '\u{3100}'..='\u{312F}' | '\u{31A0}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}')
}
