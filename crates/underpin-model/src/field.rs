//! A column, as the derive writes it down.

use crate::index::Reference;
use crate::{DbType, Rule, types::TypeFacts};

/// A column of a model, made by the derive.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The field's name in Rust.
    pub field: &'static str,
    /// The column's name.
    pub name: &'static str,
    /// May it be NULL?
    pub nullable: bool,
    /// Does [`Repository::search`](crate::Repository::search) look into it? `#[model(search)]`, on text.
    pub search: bool,
    /// Is it kept out of what clients may filter and sort by, and of maps and changes? `#[model(private)]`, for hashes
    /// and secrets.
    pub private: bool,
    /// Does it count changes?
    pub version: bool,
    /// How it gets its value when a row is made.
    pub insert: Insert,
    /// The most characters it takes.
    pub max_len: Option<u32>,
    /// The length of its vectors.
    pub dimensions: Option<u32>,
    /// Its type in SQL, when it is not the usual one of its Rust type.
    pub db_type: Option<&'static str>,
    /// The collation of its text, when it is not the database's.
    pub collate: Option<&'static str>,
    /// The default, in SQL.
    pub default: Option<&'static str>,
    /// The expression it is computed by.
    pub generated: Option<&'static str>,
    /// Does it number itself?
    pub identity: Option<Identity>,
    /// The model it points to.
    pub references: Option<Reference>,
    /// Its comment in the database.
    pub comment: Option<&'static str>,
    /// What it was called before.
    pub renamed_from: Option<&'static str>,
    /// What its values must be.
    pub rules: &'static [Rule],
    pub(crate) facts: TypeFacts,
}

/// How a column gets its value when a row is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insert {
    /// From `NewX`, always.
    Always,
    /// From `NewX` when it says so, else the database's default.
    WhenGiven,
    /// From the actor.
    Actor,
    /// The database makes it.
    Never,
}

impl Insert {
    pub(crate) const fn is_in_new(self) -> bool {
        matches!(self, Self::Always | Self::WhenGiven)
    }
}

/// A column that numbers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// No value may be given.
    Always,
    /// A value may be given.
    ByDefault,
}

impl Field {
    /// A column of the type that `T` has in the database.
    #[must_use]
    pub const fn new<T: crate::ColumnType<Inner: DbType>>(
        field: &'static str,
        name: &'static str,
    ) -> Self {
        Self {
            field,
            name,
            nullable: T::NULLABLE,
            search: false,
            private: false,
            version: false,
            insert: Insert::Always,
            max_len: None,
            dimensions: None,
            db_type: None,
            collate: None,
            default: None,
            generated: None,
            identity: None,
            references: None,
            comment: None,
            renamed_from: None,
            rules: &[],
            facts: TypeFacts::of::<T::Inner>(),
        }
    }

    /// `#[model(search)]`
    #[must_use]
    pub const fn search(self) -> Self {
        Self {
            search: true,
            ..self
        }
    }

    /// `#[model(private)]`
    #[must_use]
    pub const fn private(self) -> Self {
        Self {
            private: true,
            ..self
        }
    }

    /// `#[model(version)]`
    #[must_use]
    pub const fn version(self) -> Self {
        Self {
            version: true,
            ..self
        }
    }

    /// How it gets its value when a row is made.
    #[must_use]
    pub const fn insert(self, insert: Insert) -> Self {
        Self { insert, ..self }
    }

    /// `#[model(max_len = 255)]`
    #[must_use]
    pub const fn max_len(self, characters: u32) -> Self {
        Self {
            max_len: Some(characters),
            ..self
        }
    }

    /// `#[model(dimensions = 384)]`
    #[must_use]
    pub const fn dimensions(self, dimensions: u32) -> Self {
        Self {
            dimensions: Some(dimensions),
            ..self
        }
    }

    /// `#[model(db_type = "numeric(12,2)")]`
    #[must_use]
    pub const fn db_type(self, sql: &'static str) -> Self {
        Self {
            db_type: Some(sql),
            ..self
        }
    }

    /// `#[model(collate = "C")]`
    #[must_use]
    pub const fn collate(self, collation: &'static str) -> Self {
        Self {
            collate: Some(collation),
            ..self
        }
    }

    /// `#[model(default = "now()")]`
    #[must_use]
    pub const fn default(self, sql: &'static str) -> Self {
        Self {
            default: Some(sql),
            ..self
        }
    }

    /// `#[model(generated = "lower(title)")]`
    #[must_use]
    pub const fn generated(self, sql: &'static str) -> Self {
        Self {
            generated: Some(sql),
            ..self
        }
    }

    /// `#[model(identity)]`
    #[must_use]
    pub const fn identity(self, by_default: bool) -> Self {
        let identity = if by_default {
            Identity::ByDefault
        } else {
            Identity::Always
        };
        Self {
            identity: Some(identity),
            ..self
        }
    }

    /// `#[model(references = User)]`
    #[must_use]
    pub const fn references(self, reference: Reference) -> Self {
        Self {
            references: Some(reference),
            ..self
        }
    }

    /// `#[model(comment = "…")]`
    #[must_use]
    pub const fn comment(self, comment: &'static str) -> Self {
        Self {
            comment: Some(comment),
            ..self
        }
    }

    /// `#[model(renamed_from = "…")]`
    #[must_use]
    pub const fn renamed_from(self, name: &'static str) -> Self {
        Self {
            renamed_from: Some(name),
            ..self
        }
    }

    /// `#[model(email, length(max = 80))]`
    #[must_use]
    pub const fn rules(self, rules: &'static [Rule]) -> Self {
        Self { rules, ..self }
    }

    /// Several lists as one, for a struct with a base.
    ///
    /// # Panics
    /// At compile time, when `N` is not the number of columns in all lists.
    #[must_use]
    pub const fn concat<const N: usize>(lists: &[&[Self]]) -> [Self; N] {
        let mut all = [Self::new::<bool>("", ""); N];
        let (mut list, mut at) = (0, 0);
        while list < lists.len() {
            let mut column = 0;
            while column < lists[list].len() {
                all[at] = lists[list][column];
                at += 1;
                column += 1;
            }
            list += 1;
        }
        assert!(at == N, "N is the number of columns in all lists");
        all
    }

    /// Its type as PostgreSQL's `format_type` writes it.
    #[must_use]
    pub fn data_type(&self) -> String {
        let plain = (self.facts.data_type)();
        match (self.db_type, self.max_len, self.dimensions) {
            (Some(given), ..) => String::from(given),
            (_, Some(length), _) => format!("character varying({length})"),
            (.., Some(dimensions)) => format!("{plain}({dimensions})"),
            _ => plain.into_owned(),
        }
    }
}
