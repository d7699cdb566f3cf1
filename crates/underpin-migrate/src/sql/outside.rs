//! What reaches out of a database from within expressions and bodies.

use super::body::{Script, inside, significant};
use super::token::TokenKind;

/// Functions that act on the server, on its files or on another server, by the beginnings of their names.
const FUNCTIONS: [&str; 30] = [
    "dblink",
    "http_",
    "lo_export",
    "lo_import",
    "pg_backup_",
    "pg_cancel_backend",
    "pg_copy_logical_",
    "pg_copy_physical_",
    "pg_create_logical_",
    "pg_create_physical_",
    "pg_create_restore_point",
    "pg_drop_replication_slot",
    "pg_file_",
    "pg_log_backend",
    "pg_log_standby",
    "pg_logical_",
    "pg_ls_",
    "pg_promote",
    "pg_read_",
    "pg_reload_conf",
    "pg_replication_",
    "pg_rotate_logfile",
    "pg_start_backup",
    "pg_stat_file",
    "pg_stat_reset",
    "pg_stop_backup",
    "pg_switch_",
    "pg_sync_replication",
    "pg_terminate_backend",
    "pg_wal_replay_",
];
const FDW: &str = "postgres_fdw_";

/// What statements about the whole server begin with: a verb and what it is about.
const VERBS: [&str; 3] = ["create", "alter", "drop"];
const OBJECTS: [&str; 7] = [
    "role",
    "user",
    "group",
    "database",
    "tablespace",
    "subscription",
    "system",
];

/// Other beginnings.
const BEGINNINGS: [&[&str]; 5] = [
    &["reassign", "owned"],
    &["drop", "owned"],
    &["import", "foreign", "schema"],
    &["comment", "on", "role"],
    &["comment", "on", "database"],
];

/// What builds the text of an EXECUTE out of literals, which are read.
const BUILDERS: [&str; 4] = ["format", "concat", "concat_ws", "quote_ident"];

/// A call of a function that reaches out.
pub(super) fn call(words: &Script<'_>) -> Option<String> {
    let pairs = words.tokens.windows(2);
    let mut called = pairs.filter(|it| {
        it[1].kind == TokenKind::OpenParen
            && matches!(it[0].kind, TokenKind::Word | TokenKind::QuotedWord)
    });
    called.find_map(|it| {
        let name = words.text[it[0].start..it[0].end]
            .trim_matches('"')
            .to_ascii_lowercase();
        let reaches =
            FUNCTIONS.iter().any(|start| name.starts_with(start)) || name.starts_with(FDW);
        reaches.then(|| format!("a call of {name}"))
    })
}

/// A statement about the whole server, anywhere in a text.
pub(super) fn statement(words: &Script<'_>) -> Option<String> {
    let text = words.text;
    let is = |index: usize, word: &str| {
        words
            .tokens
            .get(index)
            .is_some_and(|it| it.is_word(text, word))
    };
    let said = |at: usize, count: usize| {
        let words: Vec<String> = (at..at + count).filter_map(|it| words.word(it)).collect();
        Some(words.join(" ").to_uppercase())
    };
    for at in 0..words.tokens.len() {
        let begins = VERBS.iter().any(|verb| is(at, verb));
        if begins && OBJECTS.iter().any(|object| is(at + 1, object)) && !is(at + 2, "mapping") {
            return said(at, 2);
        }
        let other = BEGINNINGS.iter().find(|it| {
            let mut words = it.iter().enumerate();
            words.all(|(index, word)| is(at + index, word))
        });
        if let Some(other) = other {
            return said(at, other.len());
        }
        if (is(at, "grant") || is(at, "revoke")) && is_about_roles(words, at) {
            return said(at, 1);
        }
        if is(at, "load")
            && words
                .tokens
                .get(at + 1)
                .is_some_and(|it| it.kind == TokenKind::Literal)
        {
            return said(at, 1);
        }
    }
    (words.has(&["copy"]) && copies_file(words))
        .then(|| String::from("COPY from or to a file or program"))
}

/// `GRANT role TO role` has no ON before its end.
fn is_about_roles(words: &Script<'_>, at: usize) -> bool {
    let rest = words.tokens[at..].iter();
    let mut rest = rest.take_while(|it| it.kind != TokenKind::Semicolon);
    !rest.any(|it| it.is_word(words.text, "on"))
}

/// Does a COPY read or write a file or a program of the server?
pub(super) fn copies_file(words: &Script<'_>) -> bool {
    words.tokens.windows(2).any(|it| {
        let leads = it[0].is_word(words.text, "from") || it[0].is_word(words.text, "to");
        leads && (it[1].is_word(words.text, "program") || it[1].kind == TokenKind::Literal)
    })
}

/// What reaches out in the body of a block or routine, the SQL that it puts together included.
pub(super) fn in_body(body: &str) -> Option<String> {
    let tokens = significant(body);
    let words = Script {
        text: body,
        tokens: &tokens,
    };
    let own = call(&words)
        .or_else(|| statement(&words))
        .or_else(|| unread(&words));
    own.or_else(|| {
        let literals = tokens.iter().filter(|it| it.kind == TokenKind::Literal);
        let mut texts = literals.map(|it| inside(&body[it.start..it.end]));
        // A single word is a value, not SQL.
        texts.find_map(|it| it.contains(' ').then(|| in_body(it)).flatten())
    })
}

/// An EXECUTE of which only running it tells what it runs.
fn unread(words: &Script<'_>) -> Option<String> {
    let text = words.text;
    words.tokens.windows(3).find_map(|it| {
        let [before, execute, what] = it else {
            return None;
        };
        let is_dynamic = execute.is_word(text, "execute") && !before.is_word(text, "grant");
        let is_read = what.kind == TokenKind::Literal
            || ["on", "function", "procedure"]
                .iter()
                .any(|word| what.is_word(text, word))
            || BUILDERS.iter().any(|word| what.is_word(text, word));
        (is_dynamic && !is_read).then(|| String::from("EXECUTE of a text that is not written here"))
    })
}
