//! Models, migrations and a live database: do they say the same?
//!
//! Each pair is compared as [`diff`](crate::diff) does it. The database is held against the migrations that its ledger
//! calls applied, so that what somebody changed by hand is not mistaken for a migration that is still to come.

mod live;

use crate::diff::{
    Allowed, Difference, NotCompared, Scratch, Source, catalog, difference, not_compared,
};
use crate::{Chain, Error, Version};
use live::Live;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use underpin_core::ErrorKind;
use underpin_pool::{Options, ServerVersion};
use underpin_schema::{Catalog, Facts};

/// What is compared.
#[derive(Debug, Clone)]
pub struct Sides {
    /// The migrations.
    pub chain: Chain,
    /// Chains that the database may have as well, as that of Underpin's own tables.
    pub others: Vec<Chain>,
    /// What the models ask for, when there are any.
    pub models: Option<Source>,
    /// The live database, when there is one. It is only read.
    pub database: Option<Options>,
}

/// One of those that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What the models ask for.
    Models,
    /// What the migrations make.
    Migrations,
    /// What the live database has.
    Database,
}

/// How the sides stand to each other.
#[derive(Debug)]
pub struct Checked {
    /// Each pair that there is: migrations with models, migrations with database, database with models.
    pub comparisons: Vec<Comparison>,
    /// Migrations that the database does not have yet.
    pub pending: Vec<Version>,
    /// The version of the database's server, when there is one.
    pub server_version: Option<ServerVersion>,
    /// Options of any side that are neither compared nor copied: see [`Catalog::unknown_options`].
    pub unknown_options: BTreeSet<String>,
    /// Chains in the ledger whose files nobody named: what they made counts as made by hand.
    pub unknown_chains: Vec<String>,
}

/// How two sides stand to each other.
#[derive(Debug)]
pub struct Comparison {
    /// The one.
    pub from: Side,
    /// The other.
    pub to: Side,
    /// What is found.
    pub outcome: Outcome,
    /// What differs, or may differ, and is in no statement.
    pub not_compared: Vec<NotCompared>,
}

impl Comparison {
    /// Are they the same, as far as it is known?
    #[must_use]
    pub fn is_equal(&self) -> bool {
        let differs = self.not_compared.iter().any(NotCompared::is_difference);
        matches!(self.outcome, Outcome::Equal) && !differs
    }
}

/// What is found.
#[derive(Debug)]
pub enum Outcome {
    /// Their facts are the same.
    Equal,
    /// The way from one to the other, and back.
    Differ(Box<Difference>),
    /// They differ, and no SQL leads from one to the other.
    NoWay(Error),
}

impl Checked {
    /// Are all sides the same, and nothing pending?
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.pending.is_empty() && self.comparisons.iter().all(Comparison::is_equal)
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Models => "models",
            Self::Migrations => "migrations",
            Self::Database => "database",
        })
    }
}

/// Compares each with each.
///
/// # Errors
/// [`ErrorKind::HistoryConflict`] when the ledger's migrations are not those of the files, so that nobody can say what the
/// database should have; what reading one of the sides says.
///
/// # Cancel safety
/// As [`difference`].
pub async fn check(scratch: &Scratch, sides: &Sides) -> Result<Checked, Error> {
    let live = match &sides.database {
        Some(options) => Some(Live::read(options, sides).await?),
        None => None,
    };
    let others = live.iter().flat_map(|it| it.others.clone());
    let others: Vec<Source> = others.map(Source::Migrations).collect();
    let left = live.iter().filter_map(|it| it.left.clone());
    let left: Vec<Source> = left.map(|it| Source::Files(vec![it])).collect();
    let beside_others = |source: Source| {
        let (before, after) = (others.iter().cloned(), left.iter().cloned());
        Source::Several(before.chain([source]).chain(after).collect())
    };

    let models = sides.models.clone().map(beside_others);
    let models = Read::of_each(scratch, Side::Models, models).await?;
    let database = sides
        .database
        .clone()
        .map(|it| Source::Database(Box::new(it)));
    let database = Read::of_each(scratch, Side::Database, database).await?;
    let applied = live
        .as_ref()
        .map(|it| beside_others(Source::Migrations(it.applied.clone())));
    let applied = Read::of_each(scratch, Side::Migrations, applied).await?;
    let whole = live.as_ref().is_some_and(|it| it.pending.is_empty());
    let all = match (&models, &applied) {
        (Some(_), Some(applied)) if whole => Some(applied.clone()),
        (Some(_), _) => {
            let all = beside_others(Source::Migrations(sides.chain.clone()));
            Read::of_each(scratch, Side::Migrations, Some(all)).await?
        }
        (None, _) => None,
    };

    let mut comparisons = Vec::new();
    for (from, to) in [(&all, &models), (&applied, &database), (&database, &models)] {
        if let (Some(from), Some(to)) = (from, to) {
            comparisons.push(Box::pin(compare(scratch, from, to)).await?);
        }
    }
    let sides = [models, applied, all, database];
    let unknown_options = sides.into_iter().flatten();
    let unknown_options = unknown_options.flat_map(|side| side.catalog.unknown_options);
    let server_version = live.as_ref().map(|it| it.server_version);
    let (pending, unknown_chains) = live
        .map(|it| (it.pending, it.unknown_chains))
        .unwrap_or_default();
    Ok(Checked {
        comparisons,
        pending,
        server_version,
        unknown_options: unknown_options.collect(),
        unknown_chains,
    })
}

/// A side, and what was read of it.
#[derive(Clone)]
struct Read {
    side: Side,
    source: Source,
    catalog: Catalog,
}

impl Read {
    async fn of_each(
        scratch: &Scratch,
        side: Side,
        source: Option<Source>,
    ) -> Result<Option<Self>, Error> {
        let Some(source) = source else {
            return Ok(None);
        };
        let catalog = catalog(scratch, &source).await?;
        Ok(Some(Self {
            side,
            source,
            catalog,
        }))
    }
}

async fn compare(scratch: &Scratch, one: &Read, other: &Read) -> Result<Comparison, Error> {
    let everything = Allowed {
        all: true,
        ..Allowed::default()
    };
    let beyond = not_compared((&one.catalog, &one.source), (&other.catalog, &other.source));
    let (outcome, not_compared) = if agree(&one.catalog, &other.catalog) {
        (Outcome::Equal, beyond)
    } else {
        match difference(scratch, &one.source, &other.source, &everything).await {
            Ok(mut difference) => {
                let beyond = std::mem::take(&mut difference.not_compared);
                // Models have no word for some things, which make no difference.
                match difference.is_empty() {
                    true => (Outcome::Equal, beyond),
                    false => (Outcome::Differ(Box::new(difference)), beyond),
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Unsupported) => {
                (Outcome::NoWay(error), beyond)
            }
            Err(error) => return Err(error),
        }
    };
    let (from, to) = (one.side, other.side);
    Ok(Comparison {
        from,
        to,
        outcome,
        not_compared,
    })
}

/// Do they agree in everything that has facts?
fn agree(one: &Catalog, other: &Catalog) -> bool {
    if one.schema.unmodelled == other.schema.unmodelled {
        return one.agrees_with(other);
    }
    let facts = |catalog: &Catalog| {
        let mut catalog = catalog.clone();
        catalog.schema.unmodelled = Facts::default();
        catalog
    };
    facts(one).agrees_with(&facts(other))
}
