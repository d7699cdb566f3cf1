//! Where something stands in a file, as editors count.

use std::fmt;
use std::sync::Arc;

/// A file, and a line and column in it when they are known; prints `file:3:7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) position: Option<(u32, u32)>,
}

impl Place {
    /// The file as a whole.
    pub(crate) fn file(file: &Arc<str>) -> Self {
        Self {
            file: Arc::clone(file),
            position: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Turns byte offsets of a text into lines and columns, both from 1; columns count characters.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    file: &'a Arc<str>,
    text: &'a str,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(file: &'a Arc<str>, text: &'a str) -> Self {
        Self { file, text }
    }

    /// The place of a byte offset; one past the end is the end.
    pub(crate) fn place(&self, offset: usize) -> Place {
        Place {
            file: Arc::clone(self.file),
            position: Some(line_and_column(self.text, offset)),
        }
    }
}

/// Line and column of a byte offset, both from 1.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    (saturate(line), saturate(column))
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_by_characters() {
        let text = "ab\nçd\n";
        let check =
            |offset, expected| assert_eq!(line_and_column(text, offset), expected, "{offset}");
        check(0, (1, 1));
        check(2, (1, 3));
        check(3, (2, 1));
        check(5, (2, 2));
        check(4, (2, 1)); // inside the ç
        check(99, (3, 1));
    }
}
