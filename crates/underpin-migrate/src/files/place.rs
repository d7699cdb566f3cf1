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
///
/// It remembers where lines begin, so that asking for each statement of a long file does not read the file each time.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    newlines: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(file: &'a Arc<str>, text: &'a str) -> Self {
        let newlines = text.match_indices('\n').map(|(offset, _)| offset);
        Self {
            file,
            text,
            newlines: newlines.collect(),
        }
    }

    /// Line and column of a byte offset; one past the end is the end.
    pub(crate) fn line_and_column(&self, offset: usize) -> (u32, u32) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.newlines.partition_point(|newline| *newline < offset);
        let before = line.checked_sub(1).and_then(|it| self.newlines.get(it));
        let start = before.map_or(0, |newline| newline + 1);
        let column = self.text[start..offset].chars().count() + 1;
        (saturate(line + 1), saturate(column))
    }

    /// The place of a byte offset; one past the end is the end.
    pub(crate) fn place(&self, offset: usize) -> Place {
        Place {
            file: Arc::clone(self.file),
            position: Some(self.line_and_column(offset)),
        }
    }
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
        let file = Arc::from("a.sql");
        let lines = Lines::new(&file, text);
        let check =
            |offset, expected| assert_eq!(lines.line_and_column(offset), expected, "{offset}");
        check(0, (1, 1));
        check(2, (1, 3));
        check(3, (2, 1));
        check(5, (2, 2));
        check(4, (2, 1)); // inside the ç
        check(99, (3, 1));
    }
}
