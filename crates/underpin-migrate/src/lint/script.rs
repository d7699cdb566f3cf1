//! The SQL as rules see it: parsed statements, what surrounds them, what is new in the file.

use super::finding::Finding;
use super::fresh::{Fresh, What};
use super::live::{Facts, Relation};
use super::name::{Name, Names};
use super::rule::Rule;
use super::settings::Settings;
use squawk_syntax::ast::{
    AlterTable, AlterTableAction, AstNode, ChainClause, Commit, CreateTable, ReindexTarget,
    Rollback, Stmt,
};
use squawk_syntax::{Parse, SourceFile, SyntaxKind, SyntaxNode};

/// A file that can be read; what could not was taken out before.
pub(super) struct Script<'a> {
    /// What the file says, for places.
    original: &'a str,
    pub(super) text: &'a str,
    pub(super) settings: &'a Settings,
    pub(super) parse: Parse<SourceFile>,
    pub(super) statements: Vec<Statement>,
    lines: Vec<usize>,
    fresh: Fresh,
    partitioned: Names,
}

/// A statement and the bytes it fills.
pub(super) struct Statement {
    pub(super) stmt: Stmt,
    pub(super) range: (usize, usize),
    /// Inside `BEGIN … COMMIT`, or inside the transaction of the tool that runs the file?
    pub(super) in_transaction: bool,
}

impl<'a> Script<'a> {
    /// From what a file says, and what of it can be read.
    pub(super) fn new(
        original: &'a str,
        settings: &'a Settings,
        text: &'a str,
        parse: Parse<SourceFile>,
    ) -> Self {
        let mut in_transaction = settings.assume_in_transaction;
        let mut statements = Vec::new();
        let mut fresh = Fresh::default();
        let mut partitioned = Names::default();
        for stmt in parse.tree().stmts() {
            match &stmt {
                Stmt::Begin(_) => in_transaction = true,
                Stmt::Commit(Commit::CommitTransaction(it)) => {
                    in_transaction = it.chain_clause().as_ref().is_some_and(is_chain);
                }
                Stmt::Rollback(Rollback::RollbackTransaction(it)) => {
                    in_transaction = it.chain_clause().as_ref().is_some_and(is_chain);
                }
                Stmt::CreateTable(it) if it.partition_by().is_some() => {
                    partitioned.extend(created(it));
                    fresh.add(&stmt);
                }
                _ => fresh.add(&stmt),
            }
            statements.push(Statement {
                range: range(stmt.syntax()),
                stmt,
                in_transaction,
            });
        }
        // Nobody sees a byte order mark: the first line begins behind it.
        let mark = original.len() - original.trim_start_matches('\u{feff}').len();
        let newlines = original.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            original,
            text,
            settings,
            parse,
            statements,
            lines: std::iter::once(mark).chain(newlines).collect(),
            fresh,
            partitioned,
        }
    }

    /// Is it partitioned, as far as the database or the file says?
    pub(super) fn is_partitioned(&self, table: &Name) -> bool {
        let there = self.relation(table).is_some_and(|it| it.kind == 'p');
        there || self.partitioned.has(table)
    }

    /// Did this file make the table before this byte? Then it is empty, and nobody else sees it yet.
    pub(super) fn is_new(&self, table: &Name, at: usize) -> bool {
        self.has_made(&What::Relation(table.clone()), at)
    }

    /// Did this file make it before this byte?
    pub(super) fn has_made(&self, what: &What, at: usize) -> bool {
        self.fresh.has(what, at)
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
            table: self.table_at(range.0),
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

    /// The table that the statement at a byte is about.
    pub(super) fn table_at(&self, offset: usize) -> Option<Name> {
        subject(&self.statement_at(offset)?.stmt)
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
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines[line - 1];
        let end = self.original.floor_char_boundary(offset.max(start));
        let column = self.original[start..end].chars().count() + 1;
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

/// `AND CHAIN` begins the next transaction, `AND NO CHAIN` does not.
fn is_chain(clause: &ChainClause) -> bool {
    matches!(clause, ChainClause::AndChain(_))
}

/// The table that a statement is about: its size decides how long it takes.
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
        Stmt::Reindex(it) => match it.reindex_target()? {
            ReindexTarget::ReindexTargetTable(it) => it.table_name_ref()?.path_ref()?,
            _ => return None,
        },
        Stmt::CreatePolicy(it) => it.on_table()?.table_name_ref()?.path_ref()?,
        Stmt::AlterPolicy(it) => it.on_table()?.table_name_ref()?.path_ref()?,
        Stmt::DropPolicy(it) => it.on_table()?.table_name_ref()?.path_ref()?,
        Stmt::DropTrigger(it) => it.on_relation()?.relation_name_ref()?.path_ref()?,
        _ => return None,
    };
    Name::of_ref(&path)
}
