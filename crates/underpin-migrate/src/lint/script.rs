//! The SQL as rules see it: parsed statements, what surrounds them, what is new in the file.

use super::finding::Finding;
use super::live::{Facts, Relation};
use super::name::Name;
use super::rule::Rule;
use super::settings::Settings;
use squawk_syntax::ast::{
    AlterTable, AlterTableAction, AstNode, Commit, CreateTable, Rollback, Stmt,
};
use squawk_syntax::{Parse, SourceFile, SyntaxKind, SyntaxNode};

/// A file that can be read; what could not was taken out before.
pub(super) struct Script<'a> {
    pub(super) text: &'a str,
    pub(super) settings: &'a Settings,
    pub(super) parse: Parse<SourceFile>,
    pub(super) statements: Vec<Statement>,
    lines: Vec<usize>,
    created: Vec<Name>,
}

/// A statement and the bytes it fills.
pub(super) struct Statement {
    pub(super) stmt: Stmt,
    pub(super) range: (usize, usize),
    /// Inside `BEGIN … COMMIT`, or inside the transaction of the tool that runs the file?
    pub(super) in_transaction: bool,
}

impl<'a> Script<'a> {
    pub(super) fn new(text: &'a str, settings: &'a Settings, parse: Parse<SourceFile>) -> Self {
        let mut in_transaction = settings.assume_in_transaction;
        let mut statements = Vec::new();
        let mut created = Vec::new();
        for stmt in parse.tree().stmts() {
            match &stmt {
                Stmt::Begin(_) => in_transaction = true,
                Stmt::Commit(Commit::CommitTransaction(_))
                | Stmt::Rollback(Rollback::RollbackTransaction(_)) => in_transaction = false,
                _ => created.extend(new_table(&stmt)),
            }
            statements.push(Statement {
                range: range(stmt.syntax()),
                stmt,
                in_transaction,
            });
        }
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            settings,
            parse,
            statements,
            lines: std::iter::once(0).chain(newlines).collect(),
            created,
        }
    }

    /// Is the table created in this file? Then it is empty, and nobody else sees it yet.
    pub(super) fn is_new(&self, table: &Name) -> bool {
        self.created.iter().any(|it| it.is(table))
    }

    /// A finding about a node.
    pub(super) fn at(&self, rule: &'static Rule, node: &SyntaxNode, message: &str) -> Finding {
        self.finding(rule, range(node), String::from(message))
    }

    /// A finding about bytes of the text.
    pub(super) fn finding(
        &self,
        rule: &'static Rule,
        range: (usize, usize),
        message: String,
    ) -> Finding {
        let (line, column) = self.place(range.0);
        let (end_line, end_column) = self.place(range.1);
        let statement = self.statement_at(range.0);
        Finding {
            rule,
            level: rule.level,
            line,
            column,
            end_line,
            end_column,
            message,
            help: None,
            fix: None,
            table: statement.and_then(|it| subject(&it.stmt)),
            range,
        }
    }

    /// The bytes of the statement that begins at a line and column; none of them when no statement does.
    pub(super) fn range_at(&self, line: u32, column: u32) -> (usize, usize) {
        let mut ranges = self.statements.iter().map(|it| it.range);
        ranges
            .find(|(start, _)| self.place(*start) == (line, column))
            .unwrap_or_default()
    }

    /// The statement that a byte is in.
    pub(super) fn statement_at(&self, offset: usize) -> Option<&Statement> {
        let after = self.statements.partition_point(|it| it.range.0 <= offset);
        let statement = self.statements.get(after.checked_sub(1)?)?;
        (offset < statement.range.1).then_some(statement)
    }

    /// All `ALTER TABLE` statements with their table and actions.
    pub(super) fn alters(&self) -> impl Iterator<Item = (&Statement, Name, AlterTableAction)> {
        self.statements.iter().flat_map(|statement| {
            let Stmt::AlterTable(alter) = &statement.stmt else {
                return Vec::new();
            };
            let Some(table) = altered(alter) else {
                return Vec::new();
            };
            let action = |action| (statement, table.clone(), action);
            alter.actions().map(action).collect()
        })
    }

    /// What the database says of a table, when one was looked at and has it.
    pub(super) fn relation(&self, table: &Name) -> Option<&Relation> {
        self.facts()?.relation(table)
    }

    pub(super) fn facts(&self) -> Option<&Facts> {
        self.settings.facts.as_deref()
    }

    /// The text of a node, without what surrounds it.
    pub(super) fn source(&self, node: &SyntaxNode) -> &str {
        let (start, end) = range(node);
        &self.text[start..end]
    }

    /// Line and column of a byte, both from 1.
    fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line.saturating_sub(1)];
        let end = self.text.floor_char_boundary(offset.max(start));
        let column = self.text[start..end].chars().count() + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }
}

/// The bytes of a node, without space and comments at both ends, and without the semicolon of a statement.
pub(super) fn range(node: &SyntaxNode) -> (usize, usize) {
    let mut first = node.first_token();
    while let Some(token) = first.take_if(|it| it.kind().is_trivia()) {
        first = token.next_token();
    }
    let mut last = node.last_token();
    while let Some(token) =
        last.take_if(|it| it.kind().is_trivia() || it.kind() == SyntaxKind::SEMICOLON)
    {
        last = token.prev_token();
    }
    let whole = node.text_range();
    let start = first.map_or(whole.start(), |it| it.text_range().start());
    let end = last.map_or(whole.end(), |it| it.text_range().end());
    (usize::from(start), usize::from(end.max(start)))
}

/// The table that an `ALTER TABLE` is about.
pub(super) fn altered(alter: &AlterTable) -> Option<Name> {
    let table = alter.table_relation_name()?.table_name_ref()?;
    Name::of_ref(&table.path_ref()?)
}

/// The table that a `CREATE TABLE` makes.
pub(super) fn created(create: &CreateTable) -> Option<Name> {
    Name::of_new(&create.table_name()?.path()?)
}

/// The table that a statement makes new, for certain: with `IF NOT EXISTS` it may be an old one.
fn new_table(stmt: &Stmt) -> Option<Name> {
    match stmt {
        Stmt::CreateTable(it) if it.if_not_exists().is_none() => created(it),
        Stmt::CreateTableAs(it) if it.if_not_exists().is_none() => {
            Name::of_new(&it.table_name()?.path()?)
        }
        _ => None,
    }
}

/// The table whose size decides how long a statement takes.
fn subject(stmt: &Stmt) -> Option<Name> {
    let path = match stmt {
        Stmt::AlterTable(it) => return altered(it),
        Stmt::CreateTable(it) => return created(it),
        Stmt::CreateIndex(it) => it.table_relation_name()?.table_name_ref()?.path_ref()?,
        Stmt::DropTable(it) => it.table_name_refs().next()?.path_ref()?,
        Stmt::Truncate(it) => {
            let table = it.table_list()?.table_relation_names().next()?;
            table.table_name_ref()?.path_ref()?
        }
        Stmt::Update(it) => it.relation_name()?.relation_name_ref()?.path_ref()?,
        Stmt::Delete(it) => it.relation_name()?.relation_name_ref()?.path_ref()?,
        Stmt::Cluster(it) => it.table_name_ref()?.path_ref()?,
        Stmt::Vacuum(it) => {
            let table = it.table_and_columns_list()?.table_and_columnss().next()?;
            table.table_relation_name()?.table_name_ref()?.path_ref()?
        }
        _ => return None,
    };
    Name::of_ref(&path)
}
