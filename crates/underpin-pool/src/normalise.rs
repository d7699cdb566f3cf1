//! A statement without its literals, so that logs and spans show which statement ran and never a value.

use std::iter::Peekable;
use std::str::CharIndices;

/// Replaces strings and numbers by `?`, drops comments, and folds white space.
///
/// Parameters (`$1`) and quoted identifiers stay. It reads tokens, not grammar, so it works on any SQL, also on wrong
/// one; what is not closed counts as literal up to the end.
pub(crate) fn normalise(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => {
                skip_quoted(&mut chars, '\'', ends_in_escape_prefix(&out));
                drop_string_prefix(&mut out);
                out.push('?');
            }
            '"' => {
                let end = skip_quoted(&mut chars, '"', false).unwrap_or(sql.len());
                out.push_str(&sql[at..end]);
            }
            '$' => match dollar_tag(&sql[at..]) {
                Some(tag) => {
                    let body = at + tag.len();
                    let end = sql[body..]
                        .find(tag)
                        .map_or(sql.len(), |close| body + close + tag.len());
                    skip_to(&mut chars, end);
                    out.push('?');
                }
                None => out.push(c),
            },
            '-' if sql[at..].starts_with("--") => {
                let end = sql[at..].find('\n').map_or(sql.len(), |line| at + line);
                skip_to(&mut chars, end);
                space(&mut out);
            }
            '/' if sql[at..].starts_with("/*") => {
                skip_to(&mut chars, comment_end(sql, at));
                space(&mut out);
            }
            _ if c.is_whitespace() => space(&mut out),
            _ if c.is_ascii_digit() && !in_word(&out) => {
                while chars
                    .next_if(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
                    .is_some()
                {}
                out.push('?');
            }
            _ => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Does the text end inside a word or a parameter, so that a digit belongs to it?
fn in_word(out: &str) -> bool {
    out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"'))
}

/// `E'…'` is the only form in which a backslash escapes.
fn ends_in_escape_prefix(out: &str) -> bool {
    let mut last = out.chars().rev();
    matches!(last.next(), Some('e' | 'E'))
        && !last.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Takes back the `E`, `B`, `X` or `N` of a string that is no longer there.
fn drop_string_prefix(out: &mut String) {
    let mut last = out.chars().rev();
    if matches!(
        last.next(),
        Some('e' | 'E' | 'b' | 'B' | 'x' | 'X' | 'n' | 'N')
    ) && !last.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
    {
        out.pop();
    }
}

/// Skips behind the closing quote; a doubled quote does not close. Returns where that is.
fn skip_quoted(chars: &mut Peekable<CharIndices<'_>>, quote: char, escapes: bool) -> Option<usize> {
    while let Some((at, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

fn skip_to(chars: &mut Peekable<CharIndices<'_>>, end: usize) {
    while chars.next_if(|(at, _)| *at < end).is_some() {}
}

/// `$$` or `$tag$` at the start of the text.
pub(crate) fn dollar_tag(text: &str) -> Option<&str> {
    let close = text[1..].find('$')? + 1;
    let tag = &text[1..close];
    let is_tag = !tag.starts_with(|c: char| c.is_ascii_digit())
        && tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_tag.then(|| &text[..=close])
}

/// The end of a comment that begins at `at`; comments nest.
pub(crate) fn comment_end(sql: &str, at: usize) -> usize {
    let mut depth = 0;
    let mut rest = at;
    while rest < sql.len() {
        let text = &sql[rest..];
        if text.starts_with("/*") {
            depth += 1;
            rest += 2;
        } else if text.starts_with("*/") {
            depth -= 1;
            rest += 2;
            if depth == 0 {
                return rest;
            }
        } else {
            rest += text.chars().next().map_or(1, char::len_utf8);
        }
    }
    sql.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_go_and_everything_else_stays() {
        for (sql, expected) in [
            (
                "SELECT * FROM t WHERE a = 'secret' AND b = 42",
                "SELECT * FROM t WHERE a = ? AND b = ?",
            ),
            ("SELECT $1, t1.c2 FROM t1", "SELECT $1, t1.c2 FROM t1"),
            (
                "SELECT 'it''s', E'a\\'b', N'x', B'101', 1.5e3",
                "SELECT ?, ?, ?, ?, ?",
            ),
            (
                "SELECT \"a'b\" FROM \"T\"\"1\"",
                "SELECT \"a'b\" FROM \"T\"\"1\"",
            ),
            ("SELECT $$body 'x'$$, $f$ $$ $f$", "SELECT ?, ?"),
            ("SELECT 1 -- secret\n  FROM  t", "SELECT ? FROM t"),
            ("SELECT /* a /* b */ secret */ x", "SELECT x"),
            ("SELECT 'never closed", "SELECT ?"),
            ("SELECT '日本' || \"日本\"", "SELECT ? || \"日本\""),
            ("", ""),
        ] {
            assert_eq!(normalise(sql), expected, "{sql}");
        }
    }
}
