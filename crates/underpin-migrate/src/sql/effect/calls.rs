//! The functions that a statement calls by name.

use crate::sql::psql::tokens;
use crate::sql::token::{Token, TokenKind};

/// A name in front of an opening parenthesis, as PostgreSQL reads it. It may be no function at all, such as a table
/// with a list of columns: the catalog knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

/// All of a statement.
pub(super) fn of(text: &str) -> Vec<Call> {
    let tokens = tokens(text);
    let tokens: Vec<&Token> = tokens.iter().filter(|it| !it.is_trivia()).collect();
    let word = |index: Option<usize>| {
        let token = tokens.get(index?)?;
        let word = text.get(token.start..token.end)?;
        match token.kind {
            TokenKind::Word => Some(word.to_lowercase()),
            TokenKind::QuotedWord => {
                let quoted = word.strip_prefix('"')?.strip_suffix('"')?;
                Some(quoted.replace("\"\"", "\""))
            }
            _ => None,
        }
    };
    let is_dot = |index: Option<usize>| {
        let token = index.and_then(|it| tokens.get(it));
        token.is_some_and(|it| text.get(it.start..it.end) == Some("."))
    };
    let mut calls = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::OpenParen {
            continue;
        }
        if let Some(name) = word(index.checked_sub(1)) {
            let schema = match is_dot(index.checked_sub(2)) {
                true => word(index.checked_sub(3)),
                false => None,
            };
            calls.push(Call { schema, name });
        }
    }
    calls.sort();
    calls.dedup();
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_before_parentheses_are_found_as_postgresql_reads_them() {
        let check = |text: &str, expected: &[&str]| {
            let calls = of(text);
            let names = calls.iter().map(|it| match &it.schema {
                Some(schema) => format!("{schema}.{}", it.name),
                None => it.name.clone(),
            });
            assert_eq!(names.collect::<Vec<_>>(), expected, "{text}");
        };
        check("SELECT Wipe()", &["wipe"]);
        check(
            "SELECT app . \"Wipe\" /* x */ (1), f(g(1))",
            &["f", "g", "app.Wipe"],
        );
        check("SELECT 'f()', (1 + 2)", &[]);
    }
}
