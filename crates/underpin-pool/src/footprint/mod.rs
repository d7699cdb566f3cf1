//! What a statement leaves behind, as far as its text and the catalogue tell.
//!
//! Two questions have the same answer to begin with. May the next borrower get the session as it is? And may the
//! statement run on a lane, where it shares a session with others and runs again when there was no time for it? Both ask
//! for a statement that leaves nothing: no setting, no lock of the session, no temporary table. It is decided by what is
//! known, not by what is suspected:
//!
//! * the text must be made of statements that are known to leave nothing: SELECT, INSERT, UPDATE and their like, BEGIN
//!   and COMMIT, what ends with the transaction ([`Footprint::of`]);
//! * every name and every operator in it must be one of which the catalogue says that nothing behind it leaves anything:
//!   functions, and also views, triggers, rules, policies, defaults, checks and casts ([`Names`]).
//!
//! Whatever is not known this way counts as leaving something.

mod ask;
mod names;
mod token;

pub(crate) use names::{Names, Verdict};

use std::collections::BTreeSet;
use token::{Token, Tokens};

/// The bytes of a name that the server keeps.
const NAME_MAX: usize = 63;

/// Stands for the casts of the database, which no text shows.
const CASTS: &str = "::";

/// The text of a statement, or of several, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// Does the text itself say that something stays?
    is_dirty: bool,
    /// Is it one statement that reads or writes rows?
    is_rows: bool,
    /// Does it write rows, so that triggers and defaults have their say?
    writes: bool,
    /// Does it change what the catalogue says?
    changes_schema: bool,
    /// Everything it calls or may call, folded as the server folds it.
    names: Box<[Box<str>]>,
}

impl Footprint {
    /// Judges a text.
    pub(crate) fn of(sql: &str) -> Self {
        let mut reader = Reader::default();
        Tokens::of(sql).for_each(|token| reader.read(token));
        reader.end_statement();
        Self {
            is_dirty: reader.is_dirty,
            is_rows: reader.statements == 1 && reader.all_rows,
            writes: reader.writes,
            changes_schema: reader.changes_schema,
            names: reader.names.into_iter().collect(),
        }
    }

    /// Judges an expression, or a query, of the catalogue.
    fn names_in(code: &str) -> Box<[Box<str>]> {
        let mut reader = Reader {
            statement: Some(Statement::Rows),
            ..Reader::default()
        };
        Tokens::of(code).for_each(|token| reader.read(token));
        reader.names.into_iter().collect()
    }

    /// Does the text allow that nothing is left, so that the names decide?
    pub(crate) fn may_leave_nothing(&self) -> bool {
        self.is_rows && !self.is_dirty
    }

    /// Does it change what the catalogue says?
    pub(crate) fn changes_schema(&self) -> bool {
        self.changes_schema
    }
}

/// What a statement's first word makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statement {
    /// Reads or writes rows.
    Rows,
    /// Leaves nothing of itself, but what it names may.
    Names,
    /// Leaves nothing, whatever it names: it begins or ends a transaction, or ends with it.
    Nothing,
    /// SET: what follows decides.
    Set,
    /// CREATE: temporary tables do not change the schema for others.
    Create,
    /// Anything else.
    Unknown,
}

impl Statement {
    fn beginning_with(word: &str) -> Self {
        match word {
            "select" | "insert" | "update" | "delete" | "merge" | "with" | "values" | "table" => {
                Self::Rows
            }
            "explain" | "copy" => Self::Names,
            "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint"
            | "release" | "show" | "notify" | "lock" => Self::Nothing,
            "set" => Self::Set,
            "create" | "alter" | "drop" => Self::Create,
            _ => Self::Unknown,
        }
    }
}

/// Reads the tokens of a text.
#[derive(Debug, Default)]
struct Reader {
    statement: Option<Statement>,
    statements: usize,
    all_rows: bool,
    is_dirty: bool,
    writes: bool,
    changes_schema: bool,
    names: BTreeSet<Box<str>>,
    depth: usize,
    /// Was there a SELECT outside brackets? Then an INTO outside brackets makes a table.
    selects: bool,
    /// The last two tokens, the last one first: words folded, marks as they are.
    last: [Box<str>; 2],
    /// The depths of the calls of `set_config` that are open.
    set_config: Vec<usize>,
}

impl Reader {
    fn read(&mut self, token: Token<'_>) {
        let shown = match token {
            Token::Word(word) => {
                let word = word.to_ascii_lowercase();
                self.word(&word);
                word
            }
            Token::Quoted(name) => {
                // With `U&` before it, it is another name than it looks.
                self.is_dirty |= &*self.last[0] == "&";
                self.begin(Statement::Unknown);
                self.call(&name);
                String::from("\"")
            }
            Token::Operator(operator) => {
                self.begin(Statement::Unknown);
                self.operator(operator);
                String::from(if operator.ends_with('&') { "&" } else { "+" })
            }
            Token::Mark(mark) => {
                self.mark(mark);
                String::from(mark)
            }
            Token::Value => {
                self.begin(Statement::Unknown);
                String::from("'")
            }
        };
        self.last = [shown.into(), std::mem::take(&mut self.last[0])];
    }

    /// The first token of a statement decides what it is.
    fn begin(&mut self, statement: Statement) -> bool {
        let is_first = self.statement.is_none();
        if is_first {
            self.statement = Some(statement);
            self.all_rows = statement == Statement::Rows && (self.all_rows || self.statements == 0);
            self.statements += 1;
            self.is_dirty |= statement == Statement::Unknown;
        }
        is_first
    }

    fn word(&mut self, word: &str) {
        let statement = Statement::beginning_with(word);
        if self.begin(statement) {
            self.writes |= word == "copy";
            self.selects = word == "select";
            if statement == Statement::Rows {
                self.writes |= is_write(word);
            }
            return;
        }
        match self.statement {
            Some(Statement::Set) => {
                let ends_with_transaction = matches!(word, "local" | "transaction" | "constraints");
                self.is_dirty |= !ends_with_transaction;
                self.statement = Some(Statement::Nothing);
            }
            Some(Statement::Create) => {
                self.is_dirty = true;
                let is_temporary = matches!(word, "temp" | "temporary" | "local" | "global");
                self.changes_schema |= !is_temporary;
                self.statement = Some(Statement::Nothing);
            }
            Some(Statement::Rows | Statement::Names) => self.word_of_rows(word),
            Some(Statement::Nothing | Statement::Unknown) | None => {}
        }
    }

    fn word_of_rows(&mut self, word: &str) {
        let before = &*self.last[0];
        match word {
            "into" => self.is_dirty |= !self.fills_a_table(),
            "program" | "execute" | "create" | "declare"
                if self.statement == Some(Statement::Names) =>
            {
                self.is_dirty = true;
            }
            // FOR UPDATE and FOR NO KEY UPDATE lock rows.
            "update" if matches!(before, "for" | "key") => {}
            "select" if self.depth == 0 => self.selects = true,
            "set_config" if before != "." => {
                self.set_config.push(self.depth);
                return;
            }
            _ if is_write(word) => self.writes = true,
            _ => {}
        }
        operators_behind(word)
            .iter()
            .for_each(|operator| self.call(operator));
        if !is_reserved(word) {
            self.call(word);
        }
    }

    /// `=-1` is two operators: only one with a special character in it may end in a sign.
    fn operator(&mut self, run: &str) {
        let without_signs = run.trim_end_matches(['+', '-']);
        self.call(run);
        if without_signs != run {
            ["+", "-"].into_iter().for_each(|sign| self.call(sign));
            self.call(without_signs);
        }
        if run == "!=" {
            self.call("<>");
        }
    }

    /// Notes a name, cut to the length that the server keeps of it.
    fn call(&mut self, name: &str) {
        let length = name.floor_char_boundary(NAME_MAX);
        self.names.insert(name[..length].into());
    }

    /// Is this INTO that of an INSERT or a MERGE, and not that of a SELECT, which makes a table?
    fn fills_a_table(&self) -> bool {
        let [before, earlier] = &self.last;
        let of_write = matches!(&**before, "insert" | "merge");
        let begins = matches!(
            &**earlier,
            "" | "(" | ")" | "explain" | "analyze" | "verbose"
        );
        of_write && begins && (self.depth > 0 || !self.selects)
    }

    fn mark(&mut self, mark: char) {
        match mark {
            '(' => self.depth += 1,
            ')' => {
                self.depth = self.depth.saturating_sub(1);
                let closes = self.set_config.pop_if(|depth| *depth == self.depth);
                // The third argument says that the setting ends with the transaction.
                let is_local = &*self.last[0] == "true" && &*self.last[1] == ",";
                if closes.is_some() && !is_local {
                    self.call("set_config");
                }
            }
            ';' if self.depth == 0 => self.end_statement(),
            // A query in brackets begins with its SELECT.
            _ => {
                self.begin(Statement::Unknown);
            }
        }
    }

    fn end_statement(&mut self) {
        self.is_dirty |= matches!(self.statement, Some(Statement::Set | Statement::Create));
        if !self.set_config.is_empty() {
            self.set_config.clear();
            self.call("set_config");
        }
        self.statement = None;
        self.depth = 0;
        self.selects = false;
        self.last = Default::default();
    }
}

/// The operators that a word stands for.
fn operators_behind(word: &str) -> &'static [&'static str] {
    match word {
        "like" => &["~~", "!~~"],
        "ilike" => &["~~*", "!~~*"],
        "between" => &["<=", ">=", "<", ">"],
        "order" | "distinct" | "group" | "in" | "any" | "some" | "all" | "using" | "natural"
        | "case" | "nullif" | "union" | "intersect" | "except" | "partition" => {
            &["=", "<>", "<", ">"]
        }
        _ => &[],
    }
}

fn is_write(word: &str) -> bool {
    matches!(word, "insert" | "update" | "delete" | "merge")
}

/// Words that can name nothing unless they are quoted.
fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "all"
            | "and"
            | "any"
            | "array"
            | "as"
            | "asc"
            | "case"
            | "cast"
            | "current_date"
            | "current_time"
            | "current_timestamp"
            | "current_user"
            | "default"
            | "desc"
            | "distinct"
            | "do"
            | "else"
            | "end"
            | "except"
            | "false"
            | "for"
            | "from"
            | "group"
            | "check"
            | "having"
            | "in"
            | "intersect"
            | "into"
            | "lateral"
            | "limit"
            | "not"
            | "null"
            | "offset"
            | "on"
            | "only"
            | "or"
            | "order"
            | "returning"
            | "select"
            | "table"
            | "then"
            | "to"
            | "true"
            | "union"
            | "using"
            | "when"
            | "where"
            | "window"
            | "with"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> String {
        Footprint::of(sql).names.join(" ")
    }

    #[test]
    fn statements_of_which_the_text_says_that_they_leave_nothing() {
        for sql in [
            "SELECT 1",
            "\n (select 1) union select 2",
            "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
            "WITH x AS (SELECT 1) INSERT INTO t (a) SELECT * FROM x ON CONFLICT DO NOTHING",
            "INSERT INTO t (a) SELECT b FROM u",
            "MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE",
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "SAVEPOINT a; RELEASE a; COMMIT",
            "SET LOCAL search_path = a; SELECT 1",
            "SET TRANSACTION READ ONLY",
            "COPY t (a) FROM STDIN",
            "EXPLAIN ANALYZE INSERT INTO t VALUES (1)",
            "SELECT 'SET x = 1; SELECT 1 INTO t' -- INTO",
            "",
            ";",
        ] {
            assert!(!Footprint::of(sql).is_dirty, "{sql}");
        }
    }

    #[test]
    fn statements_that_leave_something_or_are_not_known() {
        for sql in [
            "SET search_path = a",
            "set session characteristics as transaction read only",
            "SET ROLE a",
            "SET",
            "RESET ALL",
            "LISTEN a",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
            "PREPARE a AS SELECT 1",
            "EXECUTE a",
            "DO $$ BEGIN END $$",
            "CALL p()",
            "CREATE TEMP TABLE t (a int)",
            "DISCARD ALL",
            "LOAD 'x'",
            "SELECT 1 INTO TEMP t",
            "SELECT 1 AS insert INTO t",
            "WITH x AS (SELECT 1) SELECT f() insert INTO t",
            "(SELECT 1 INTO t)",
            "SELECT 1; SET x = 1",
            "BEGIN; SET LOCAL a = 1; SET b = 2; COMMIT",
            "COPY t FROM PROGRAM 'x'",
            "SELECT U&\"d\\0061ta\"()",
            "1",
            "\"select\" 1",
        ] {
            assert!(Footprint::of(sql).is_dirty, "{sql}");
        }
    }

    #[test]
    fn names_and_operators_are_asked_for() {
        for (sql, expected) in [
            ("SELECT Lower(a) FROM \"T\" WHERE b @> $1", "@> T a b lower"),
            ("SELECT set_config('a', $1, true)", ""),
            ("SELECT set_config('a', lower($1), true), 1", "lower"),
            ("SELECT set_config('a', $1, false)", "set_config"),
            ("SELECT set_config('a', $1, $2)", "set_config"),
            (
                "SELECT pg_catalog.set_config('a', 'b', true)",
                "pg_catalog set_config",
            ),
            (
                "SELECT set_config('a', set_config('b', 'c', true), false)",
                "set_config",
            ),
        ] {
            assert_eq!(names(sql), expected, "{sql}");
        }
    }

    #[test]
    fn only_writes_are_writes() {
        for (sql, writes) in [
            ("SELECT 1 FROM t FOR UPDATE", false),
            ("SELECT 1 FROM t FOR NO KEY UPDATE SKIP LOCKED", false),
            ("UPDATE t SET a = 1", true),
            ("WITH x AS (DELETE FROM t RETURNING *) SELECT 1", true),
            ("COPY t FROM STDIN", true),
        ] {
            assert_eq!(Footprint::of(sql).writes, writes, "{sql}");
        }
    }

    #[test]
    fn schema_changes_are_known_by_their_first_word() {
        for (sql, expected) in [
            ("CREATE TABLE t (a int)", true),
            ("SELECT 1; DROP TABLE t", true),
            ("CREATE TEMP TABLE t (a int)", false),
            ("SELECT 1", false),
        ] {
            assert_eq!(Footprint::of(sql).changes_schema, expected, "{sql}");
        }
    }
}
