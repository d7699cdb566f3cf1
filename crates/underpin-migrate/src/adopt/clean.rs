//! Takes out of a tool's SQL what only made sense there.

use crate::sql::{Token, TokenKind, split, tokens};

/// SQL without the statements that frame a file as one transaction, which the runner decides by itself, and without
/// those about the tool's own table; and whether the frame was there.
pub(super) fn clean(text: &str, history: &str) -> (String, bool) {
    let tokens = tokens(text);
    let mut cleaned = String::with_capacity(text.len());
    let mut kept_to = 0;
    let mut framed = false;
    for piece in split(text, &tokens) {
        let is_frame = is_frame(text, piece);
        if !is_frame && !is_about(text, piece, history) {
            continue;
        }
        framed |= is_frame;
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else {
            continue;
        };
        let end = tokens
            .iter()
            .find(|it| it.kind == TokenKind::Semicolon && it.start >= last.end)
            .map_or(text.len(), |it| it.end);
        cleaned.push_str(&text[kept_to..first.start]);
        // With the space behind it, which parted it from the next.
        let rest = &text[end..];
        kept_to = text.len() - rest.trim_start().len();
    }
    cleaned.push_str(&text[kept_to..]);
    (cleaned, framed)
}

fn words<'a>(text: &'a str, piece: &'a [Token]) -> impl Iterator<Item = &'a str> {
    let significant = piece.iter().filter(|token| !token.is_trivia());
    significant.map(|token| text[token.start..token.end].trim_matches('"'))
}

/// `BEGIN`, `START TRANSACTION`, `COMMIT` or `END`: no other transaction control can be left out.
fn is_frame(text: &str, piece: &[Token]) -> bool {
    let mut words = words(text, piece).map(str::to_ascii_lowercase);
    match words.next().as_deref() {
        Some("begin" | "commit" | "end") => true,
        Some("start") => words.next().as_deref() == Some("transaction"),
        _ => false,
    }
}

fn is_about(text: &str, piece: &[Token], history: &str) -> bool {
    let mut words = words(text, piece);
    let verb = words.next().unwrap_or_default().to_ascii_lowercase();
    // The name stands right after `INSERT INTO`, `CREATE TABLE IF NOT EXISTS schema.` and their like.
    let named = words.take(7).any(|word| word == history);
    matches!(
        verb.as_str(),
        "insert" | "update" | "delete" | "create" | "drop"
    ) && named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str, framed: bool) {
        assert_eq!(
            clean(text, "alembic_version"),
            (expected.to_owned(), framed)
        );
    }

    #[test]
    fn a_frame_is_taken_off() {
        check("BEGIN;\nSELECT 1;\nCOMMIT;\n", "SELECT 1;\n", true);
        check(
            "start transaction isolation level serializable; A; end",
            "A; ",
            true,
        );
        check("SELECT 1;", "SELECT 1;", false);
        check(
            "DO $$ BEGIN NULL; END $$;",
            "DO $$ BEGIN NULL; END $$;",
            false,
        );
        check("ROLLBACK;", "ROLLBACK;", false);
    }

    #[test]
    fn the_tools_own_table_is_left_to_the_tool() {
        check(
            "INSERT INTO alembic_version (version_num) VALUES ('a') RETURNING alembic_version.version_num;\nA;",
            "A;",
            false,
        );
        check(
            "UPDATE \"x\".\"alembic_version\" SET version_num = 'b';",
            "",
            false,
        );
        check(
            "SELECT * FROM alembic_version;",
            "SELECT * FROM alembic_version;",
            false,
        );
    }
}
