//! What a file makes itself: it is empty, and nobody else uses it yet.

use super::name::Name;
use super::script::{altered, created, range};
use squawk_syntax::ast::{
    AlterTable, AlterTableAction, AstNode, CreateTable, NameLike, PathRef, Persistence, Stmt,
};
use std::collections::HashMap;

/// What a file has made, at each place of it, by names without schemas.
#[derive(Default)]
pub(super) struct Fresh(HashMap<String, Vec<Made>>);

/// Something that is new from one byte of the text to another.
struct Made {
    what: What,
    from: usize,
    to: usize,
}

/// Tables, views, indexes and sequences share their names; types and domains theirs.
#[derive(Clone, PartialEq)]
pub(super) enum What {
    Relation(Name),
    Type(Name),
    Column(Name, String),
    Constraint(Name, String),
}

impl Fresh {
    /// Looks at the next statement.
    pub(super) fn add(&mut self, stmt: &Stmt) {
        let (start, end) = range(stmt.syntax());
        if let Some(what) = makes(stmt) {
            self.make(what, start);
        }
        match stmt {
            Stmt::AlterTable(alter) => self.alter(alter, end),
            _ => {
                for what in drops(stmt).unwrap_or_default() {
                    self.end(&what, end);
                }
            }
        }
    }

    /// Is it new at this byte?
    pub(super) fn has(&self, what: &What, at: usize) -> bool {
        let mut made = self.0.get(what.key()).into_iter().flatten();
        made.any(|it| it.from <= at && at < it.to && it.what.is(what))
    }

    fn make(&mut self, what: What, from: usize) {
        let to = usize::MAX;
        let namesakes = self.0.entry(what.key().to_owned()).or_default();
        namesakes.push(Made { what, from, to });
    }

    /// Ends what goes by this name; was it there?
    fn end(&mut self, what: &What, to: usize) -> bool {
        let mut namesakes = self.0.get_mut(what.key()).into_iter().flatten();
        let made = namesakes.find(|it| it.to == usize::MAX && it.what.is(what));
        made.map(|it| it.to = to).is_some()
    }

    fn alter(&mut self, alter: &AlterTable, end: usize) {
        let Some(table) = altered(alter) else {
            return;
        };
        for action in alter.actions() {
            let at = range(action.syntax()).0;
            let column = |it: Option<String>| it.map(|it| What::Column(table.clone(), it));
            match &action {
                AlterTableAction::AddColumn(add) if add.if_not_exists().is_none() => {
                    if let Some(what) = column(add.column_name().map(|it| it.text())) {
                        self.make(what, at);
                    }
                }
                AlterTableAction::DropColumn(drop) => {
                    if let Some(what) = column(drop.column_name_ref().map(|it| it.text())) {
                        self.end(&what, end);
                    }
                }
                AlterTableAction::AddConstraint(add) => {
                    let name = add.constraint().and_then(|it| it.constraint_name());
                    if let Some(name) = name {
                        self.make(What::Constraint(table.clone(), name.text()), at);
                    }
                }
                AlterTableAction::RenameColumn(rename) => {
                    let old = column(rename.column_name_ref().map(|it| it.text()));
                    let new = column(rename.column_name().map(|it| it.text()));
                    self.rename(old.zip(new), end);
                }
                AlterTableAction::TableRenameTo(_) | AlterTableAction::SetSchema(_) => {
                    let new = moved(&table, &action).map(What::Relation);
                    self.rename(Some(What::Relation(table.clone())).zip(new), end);
                }
                _ => {}
            }
        }
    }

    fn rename(&mut self, names: Option<(What, What)>, at: usize) {
        if let Some((old, new)) = names
            && self.end(&old, at)
        {
            self.make(new, at);
        }
    }
}

impl What {
    fn key(&self) -> &str {
        match self {
            Self::Relation(name)
            | Self::Type(name)
            | Self::Column(name, _)
            | Self::Constraint(name, _) => &name.name,
        }
    }

    /// May both be the same?
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Relation(one), Self::Relation(other)) | (Self::Type(one), Self::Type(other)) => {
                one.is(other)
            }
            (Self::Column(table, own), Self::Column(other, name))
            | (Self::Constraint(table, own), Self::Constraint(other, name)) => {
                table.is(other) && own == name
            }
            _ => false,
        }
    }
}

/// The name of a table after `RENAME TO` or `SET SCHEMA`.
fn moved(table: &Name, action: &AlterTableAction) -> Option<Name> {
    let mut name = table.clone();
    match action {
        AlterTableAction::TableRenameTo(to) => {
            name.name = to.table_name()?.path()?.segment()?.text();
        }
        AlterTableAction::SetSchema(set) => name.schema = Some(set.schema_ref()?.text()),
        _ => return None,
    }
    Some(name)
}

/// What a statement makes new, for certain: with `IF NOT EXISTS` it may be an old one.
fn makes(stmt: &Stmt) -> Option<What> {
    let path = match stmt {
        Stmt::CreateTable(it) if it.if_not_exists().is_none() => {
            return table(it).map(What::Relation);
        }
        Stmt::CreateTableAs(it) if it.if_not_exists().is_none() => it.table_name()?.path()?,
        Stmt::SelectInto(it) => it.into_clause()?.table_name()?.path()?,
        Stmt::CreateMaterializedView(it) if it.if_not_exists().is_none() => it.view()?.path()?,
        Stmt::CreateView(it) if it.or_replace().is_none() => it.view()?.path()?,
        Stmt::CreateSequence(it) if it.if_not_exists().is_none() => it.sequence()?.path()?,
        Stmt::CreateIndex(it) if it.if_not_exists().is_none() => it.index()?.path()?,
        Stmt::CreateDomain(it) => return Name::of_new(&it.domain()?.path()?).map(What::Type),
        // Without a kind it is the shell of a type only.
        Stmt::CreateType(it) if it.kind().is_some() => {
            return Name::of_new(&it.type_name()?.path()?).map(What::Type);
        }
        _ => return None,
    };
    Name::of_new(&path).map(What::Relation)
}

/// A temporary table hides one of its name in any schema, but is not that.
fn table(create: &CreateTable) -> Option<Name> {
    let mut name = created(create)?;
    if let Some(Persistence::Temp(_)) = create.persistence() {
        name.schema = Some(String::from("pg_temp"));
    }
    Some(name)
}

/// What a statement drops or changes, when that has a name of its own; none where a name cannot be read.
pub(super) fn about(stmt: &Stmt) -> Option<Vec<What>> {
    let relation = |path: PathRef| Some(vec![What::Relation(Name::of_ref(&path)?)]);
    let ty = |path: PathRef| Some(vec![What::Type(Name::of_ref(&path)?)]);
    match stmt {
        Stmt::AlterIndex(it) => relation(it.index_ref()?.path_ref()?),
        Stmt::AlterView(it) => relation(it.view_ref()?.path_ref()?),
        Stmt::AlterMaterializedView(it) => relation(it.view_ref()?.path_ref()?),
        Stmt::AlterSequence(it) => relation(it.sequence_ref()?.path_ref()?),
        Stmt::AlterType(it) => ty(it.type_name_ref()?.path_ref()?),
        Stmt::AlterDomain(it) => ty(it.domain_ref()?.path_ref()?),
        _ => drops(stmt),
    }
}

/// What a `DROP` names.
fn drops(stmt: &Stmt) -> Option<Vec<What>> {
    let names = |paths: Vec<Option<PathRef>>| -> Option<Vec<Name>> {
        let names = paths.into_iter().map(|it| Name::of_ref(&it?));
        names.collect()
    };
    let paths = match stmt {
        Stmt::DropTable(it) => it.table_name_refs().map(|it| it.path_ref()).collect(),
        Stmt::DropIndex(it) => it.index_refs().map(|it| it.path_ref()).collect(),
        Stmt::DropView(it) => it.view_refs().map(|it| it.path_ref()).collect(),
        Stmt::DropMaterializedView(it) => it.view_refs().map(|it| it.path_ref()).collect(),
        Stmt::DropSequence(it) => it.sequence_refs().map(|it| it.path_ref()).collect(),
        Stmt::DropType(it) => {
            let paths = it.type_name_refs().map(|it| it.path_ref()).collect();
            return Some(names(paths)?.into_iter().map(What::Type).collect());
        }
        Stmt::DropDomain(it) => {
            let paths = it.domain_refs().map(|it| it.path_ref()).collect();
            return Some(names(paths)?.into_iter().map(What::Type).collect());
        }
        _ => return None,
    };
    Some(names(paths)?.into_iter().map(What::Relation).collect())
}
