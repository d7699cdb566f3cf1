//! Names and sentences that somebody else chose, so that Markdown takes them for nothing but text.

use underpin_schema::QualifiedName;

/// A name or an expression in a table's cell: a table splits its cells before it looks for code.
pub(super) fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A name or an expression in a line.
pub(super) fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// A sentence in a line or a table's cell.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\r' => {}
            '\n' => out.push_str("<br>"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A block of SQL.
pub(super) fn block(sql: &str) -> String {
    let fence = "`".repeat(longest_run(sql, '`').max(2) + 1);
    format!("{fence}sql\n{}\n{fence}\n", sql.trim_end())
}

/// The name of a place in the document that a link can lead to.
pub(super) fn anchor(name: &QualifiedName) -> String {
    format!("{}.{}", plain(&name.schema), plain(&name.name))
}

fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' {
            out.push(c);
        } else {
            out.push_str(&format!("-{:x}-", u32::from(c)));
        }
    }
    out
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code_whatever_is_in_it() {
        let check = |text, expected: &str| assert_eq!(code(text), expected);
        check("public.notes", "`public.notes`");
        check("a `b` c", "``a `b` c``");
        check("`", "`` ` ``");
        check("a||b\n  c", "`a||b c`");
        check("", "");
        assert_eq!(cell("a||b"), r"`a\|\|b`");
    }

    #[test]
    fn sentences_make_no_markup() {
        let check = |text, expected: &str| assert_eq!(prose(text), expected);
        check("a|b <script> *c*", r"a\|b &lt;script&gt; \*c\*");
        check("two\r\nlines ", "two<br>lines");
        check("[x](y) ![z](w)", r"\[x\](y) \!\[z\](w)");
    }

    #[test]
    fn different_names_have_different_anchors() {
        let anchor = |name| anchor(&QualifiedName::new("public", name));
        assert_eq!(anchor("notes"), "public.notes");
        assert_eq!(anchor("Note s"), "public.-4e-ote-20-s");
        assert_ne!(anchor("a-20-"), anchor("a "));
    }
}
