//! The statements of a plan, in order.

use super::Allowed;
use super::cast::Harm;
use super::hazard::Hazard;
use crate::Error;
use crate::sql::{Class, TableLock, parse};
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_schema::{Object, QualifiedName, Rename};

/// The statements that lead from one schema to another, in order.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Route {
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One statement of a route.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What it is about.
    #[serde(serialize_with = "as_text")]
    pub object: Object,
    /// The statement, without a semicolon; as JSON it has one.
    #[serde(serialize_with = "with_semicolon")]
    pub sql: String,
    /// The strongest lock that it takes on a table that was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<TableLock>,
    /// Can it not share a transaction with others?
    pub alone: bool,
    /// What a reviewer should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What it destroys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard: Option<Hazard>,
    /// What rows would make it fail.
    #[serde(skip)]
    pub(super) demand: Option<Demand>,
    /// What it means for the steps around it.
    #[serde(skip)]
    pub(super) role: Role,
}

/// What a step means for those around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Role {
    #[default]
    Usual,
    /// It is a rename that nobody could guess on the way back.
    Declared(Rename),
    /// It adds this label to an enum, quoted as in SQL, which can be used once it is committed.
    AddsLabel(String),
}

fn as_text<S: Serializer>(object: &Object, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(object)
}

fn with_semicolon<S: Serializer>(sql: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{sql};"))
}

/// What must be true of the rows, or a statement fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Demand {
    /// A column without a default that refuses NULL is added: there are no rows.
    NoRows(QualifiedName, String),
    /// No row has NULL there.
    NoNull(QualifiedName, String),
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRows(table, column) => write!(
                f,
                "fails when {table} has rows: nothing says what they would have in {column}"
            ),
            Self::NoNull(table, column) => {
                write!(
                    f,
                    "fails when rows of {table} have NULL in {column}: fill them before"
                )
            }
        }
    }
}

impl Step {
    /// A step that is looked at: the parser tells its lock and whether it runs alone.
    pub(super) fn new(object: Object, sql: impl Into<String>) -> Self {
        let sql = sql.into();
        let parsed = parse(&Arc::from("plan"), &sql).unwrap_or_default();
        let first = parsed.first();
        Self {
            lock: first.and_then(crate::sql::Statement::lock),
            alone: first.is_some_and(|it| it.class() == Class::Alone),
            object,
            sql,
            notes: Vec::new(),
            hazard: None,
            demand: None,
            role: Role::Usual,
        }
    }
}

impl Route {
    /// The renames that the way back begins with.
    pub(super) fn taken_back(&self) -> impl Iterator<Item = Rename> {
        self.steps.iter().rev().filter_map(|step| match &step.role {
            Role::Declared(rename) => Some(rename.inverse()),
            _ => None,
        })
    }

    /// Refuses what destroys something and was not allowed.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]; the message says what is lost, the hint what to add.
    pub fn check(&self, allowed: &Allowed) -> Result<(), Error> {
        let hazards = self.steps.iter().filter_map(|step| step.hazard.as_ref());
        let refused: Vec<&Hazard> = hazards.filter(|it| !it.is_allowed(allowed)).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let verbs = [Harm::Loses, Harm::Fails, Harm::Either].map(Harm::verb);
        let verbs = verbs.into_iter().chain([Hazard::ACCESS]);
        let told = verbs.filter_map(|verb| {
            let of = refused.iter().filter(|it| it.verb() == verb);
            let told: Vec<&str> = of.map(|it| it.loses.as_str()).collect();
            (!told.is_empty()).then(|| format!("{verb} {}", told.join(", ")))
        });
        let told: Vec<String> = told.collect();
        let mut flags: Vec<String> = refused
            .iter()
            .map(|it| format!("--allow {}", it.rule))
            .collect();
        flags.sort();
        flags.dedup();
        let message = format!("this would {}", told.join(", and "));
        Err(Error::new(ErrorKind::Refused, message).with_hint(format!(
            "add {} when that is meant, or --allow-all, and for a migration --reason \"…\"; for a rename write -- @renamed \
             from=… or renamed_from instead",
            flags.join(" ")
        )))
    }
}
