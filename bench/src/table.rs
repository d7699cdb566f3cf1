//! A table, as text and as Markdown.

#[derive(Debug, Default)]
pub struct Table {
    pub title: String,
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn text(&self) -> String {
        let widths = self.widths();
        let mut text = format!("\n{}\n", self.title);
        let head: Vec<String> = self.head.iter().copied().map(String::from).collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(place, (cell, width))| aligned(place, cell, *width))
                .collect();
            text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
        }
        text
    }

    pub fn markdown(&self) -> String {
        let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        let mut text = format!("### {}\n\n{}", self.title, line(self.head.clone()));
        let rule = (0..self.head.len()).map(|place| if place == 0 { "---" } else { "---:" });
        text.push_str(&line(rule.collect()));
        for row in &self.rows {
            text.push_str(&line(row.iter().map(String::as_str).collect()));
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let width = |place: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(place));
            let longest = cells.map(|cell| cell.chars().count()).max();
            longest
                .unwrap_or_default()
                .max(self.head[place].chars().count())
        };
        (0..self.head.len()).map(width).collect()
    }
}

/// Names to the left, numbers to the right.
fn aligned(place: usize, cell: &str, width: usize) -> String {
    let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
    if place == 0 {
        format!("{cell}{gap}")
    } else {
        format!("{gap}{cell}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_text_and_are_ruled_in_markdown() {
        let table = Table {
            title: String::from("read"),
            head: vec!["peer", "p50 µs"],
            rows: vec![vec![String::from("someone"), String::from("9.5")]],
        };
        assert_eq!(
            table.text(),
            "\nread\n  peer     p50 µs\n  someone     9.5\n"
        );
        let expected = "### read\n\n| peer | p50 µs |\n| --- | ---: |\n| someone | 9.5 |\n";
        assert_eq!(table.markdown(), expected);
    }
}
