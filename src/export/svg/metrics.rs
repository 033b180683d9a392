//! How wide text is, without a font: Helvetica's widths, and estimates for what it lacks.

/// Widths of the characters from space to `~`, in thousandths of the size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278,
    278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// Points from the beginning of a text to its end, in letters of a size.
pub(super) fn advance(text: &str, size: f32) -> f32 {
    let mut joined = false;
    let mut sum = 0;
    for c in text.chars() {
        // An emoji that is joined to the one before it takes no place of its own.
        if !std::mem::replace(&mut joined, c == '\u{200D}') {
            sum += u32::from(width(c));
        }
    }
    sum as f32 * size / 1000.0
}

fn width(c: char) -> u16 {
    match c {
        '\u{A0}' => 278,
        ' '..='~' => WIDTHS[c as usize - 0x20],
        '\t' => 4 * 278,
        '\u{2009}' => 200,
        // Marks on other characters, joiners, variation selectors and skin tones.
        '\u{300}'..='\u{36F}'
        | '\u{200B}'..='\u{200D}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E01EF}' => 0,
        '‘' | '’' => 222,
        '“' | '”' => 333,
        '–' => 556,
        '\u{2003}' | '—' | '…' | '⋯' => 1000,
        '⟨' | '⟩' => 390,
        // Two make one flag.
        '\u{1F1E6}'..='\u{1F1FF}' => 625,
        '\u{1F000}'..='\u{1FAFF}' => 1250,
        c if is_wide(c) => 1000,
        c if c.is_uppercase() => 690,
        _ => 556,
    }
}

/// A character of a script whose characters fill a square, and between which a line may end.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_letters() {
        assert_eq!(
            advance("The cat", 1000.0),
            611.0 + 4.0 * 556.0 - 56.0 + 278.0 + 278.0
        );
        assert_eq!(advance("", 10.0), 0.0);
        assert_eq!(advance("你好", 10.0), 20.0);
        assert_eq!(advance("e\u{301}", 10.0), advance("e", 10.0));
        // A family is one emoji.
        assert_eq!(advance("👨\u{200D}👩\u{200D}👧", 10.0), advance("👨", 10.0));
    }
}
