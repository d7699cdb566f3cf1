//! What may reach a terminal: text, and colours of our own. Everything else is shown as what it is.
//!
//! Names, versions, descriptions, file names, messages of servers: most of what is printed was written by somebody else, and
//! a terminal obeys escape sequences in it. All output goes through here, so that no command has to think of it.

use clap::builder::styling::{AnsiColor, Style};
use std::fmt::{self, Display, Write};

/// A colour of ours, on or off: `{ink}error:{ink:#}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// No colour.
    Plain,
    /// Went well.
    Green,
    /// Works, but look at it.
    Yellow,
    /// Failed.
    Red,
    /// The word before a hint.
    Cyan,
    /// Does not matter.
    Gray,
    /// A heading of something bad.
    BoldRed,
    /// A heading of something doubtful.
    BoldYellow,
    /// A heading of something to know.
    BoldCyan,
}

/// Each colour is written as one character that no text has, which only [`Clean`] turns into an escape sequence. What others
/// wrote cannot forge one: these characters count only where one of them is written alone, as `Ink` does.
const FIRST_MARK: u32 = 0xfdd0;
const RESET: char = '\u{fdef}';

const INKS: [Ink; 9] = [
    Ink::Plain,
    Ink::Green,
    Ink::Yellow,
    Ink::Red,
    Ink::Cyan,
    Ink::Gray,
    Ink::BoldRed,
    Ink::BoldYellow,
    Ink::BoldCyan,
];

impl Ink {
    fn mark(self) -> Option<char> {
        char::from_u32(FIRST_MARK + self as u32)
    }

    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Green => AnsiColor::Green.on_default(),
            Self::Yellow => AnsiColor::Yellow.on_default(),
            Self::Red => AnsiColor::Red.on_default(),
            Self::Cyan => AnsiColor::Cyan.on_default(),
            Self::Gray => AnsiColor::BrightBlack.on_default(),
            Self::BoldRed => AnsiColor::Red.on_default().bold(),
            Self::BoldYellow => AnsiColor::Yellow.on_default().bold(),
            Self::BoldCyan => AnsiColor::Cyan.on_default().bold(),
        }
    }
}

impl Display for Ink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::Plain {
            return Ok(());
        }
        let mark = if f.alternate() {
            Some(RESET)
        } else {
            self.mark()
        };
        mark.map_or(Ok(()), |mark| f.write_str(mark.encode_utf8(&mut [0; 4])))
    }
}

/// What a line break in the text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// The text is one line: a break in it is somebody else's, and shown as `\n`.
    Shown,
    /// The text has several lines.
    Kept,
}

/// The text as a terminal may have it, in our colours or without.
pub(crate) fn clean(text: impl Display, breaks: Breaks, color: bool) -> String {
    let mut cleaned = Clean {
        text: String::new(),
        breaks,
        color,
    };
    // A Display that fails has said all it could.
    let _ = write!(cleaned, "{text}");
    cleaned.text
}

/// A field that is one line, as part of a text that has several.
pub(crate) fn one_line(text: impl Display) -> String {
    clean(text, Breaks::Shown, false)
}

struct Clean {
    text: String,
    breaks: Breaks,
    color: bool,
}

impl Write for Clean {
    fn write_str(&mut self, chunk: &str) -> fmt::Result {
        if let Some(style) = alone(chunk) {
            if self.color {
                match style {
                    Some(ink) => write!(self.text, "{}", ink.style())?,
                    None => self.text.push_str("\u{1b}[0m"),
                }
            }
            return Ok(());
        }
        for letter in chunk.chars() {
            match letter {
                '\n' | '\t' if self.breaks == Breaks::Kept => self.text.push(letter),
                letter if is_plain(letter) => self.text.push(letter),
                letter => self.text.extend(letter.escape_default()),
            }
        }
        Ok(())
    }
}

/// A mark that stands alone: a colour, or None for the end of one.
fn alone(chunk: &str) -> Option<Option<Ink>> {
    let mut letters = chunk.chars();
    let (mark, rest) = (letters.next()?, letters.next());
    if rest.is_some() {
        return None;
    }
    if mark == RESET {
        return Some(None);
    }
    let ink = INKS.into_iter().find(|ink| ink.mark() == Some(mark))?;
    Some(Some(ink))
}

/// Does a terminal show this and nothing else? Not what moves the cursor, turns the direction of writing, breaks a line,
/// cannot be seen, or is no character at all.
fn is_plain(letter: char) -> bool {
    !letter.is_control()
        && !matches!(
            letter,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
        && u32::from(letter) & 0xfffe != 0xfffe
}

/// JSON as a terminal may have it: the same values, what a terminal would obey written as `\u` and four digits.
///
/// Outside of strings JSON has no such character, so that no string has to be looked for.
pub(crate) fn clean_json(json: &str) -> String {
    let mut cleaned = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_plain(letter) || matches!(letter, '\n' | '\r' | '\t') {
            cleaned.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                cleaned.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let check = |text: &str, expected: &str| assert_eq!(one_line(text), expected);
        check("It's é 漢字 👩‍👩‍👧", "It's é 漢字 👩‍👩‍👧");
        check("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m");
        check("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}");
        check("\u{9b}31m\u{9d}0;x\u{9c}", "\\u{9b}31m\\u{9d}0;x\\u{9c}");
        check("a\r\nb\tc\u{8}\u{7f}\0", "a\\r\\nb\\tc\\u{8}\\u{7f}\\u{0}");
        check("\u{202e}evil\u{2066}", "\\u{202e}evil\\u{2066}");
        check("\u{2028}\u{feff}\u{e0041}", "\\u{2028}\\u{feff}\\u{e0041}");
        check("a\u{fdd3}b\u{ffff}", "a\\u{fdd3}b\\u{ffff}");
        assert_eq!(clean("a\r\n\tb", Breaks::Kept, true), "a\\r\n\tb");
    }

    #[test]
    fn our_own_colours_get_through_when_they_are_wanted() {
        let ink = Ink::Red;
        let text = |color| {
            let text = format_args!("{ink}error:{ink:#} {}", "\u{1b}[32mfine");
            clean(text, Breaks::Shown, color)
        };
        assert_eq!(text(false), "error: \\u{1b}[32mfine");
        assert_eq!(text(true), "\u{1b}[31merror:\u{1b}[0m \\u{1b}[32mfine");
        assert_eq!(clean(Ink::Plain, Breaks::Shown, true), "");
    }

    #[test]
    fn json_says_the_same() {
        let value =
            serde_json::json!({ "a\u{9b}": "\u{1b}\u{202e}\u{7f}\u{e0041}é\n", "b": [1, null] });
        for text in [value.to_string(), format!("{value:#}")] {
            let cleaned = clean_json(&text);
            assert!(
                cleaned.chars().all(|it| is_plain(it) || it == '\n'),
                "{cleaned}"
            );
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&cleaned).unwrap(),
                value
            );
        }
    }
}
