//! In which order rows come.

use crate::filter::{Test, push_identifier};
use crate::{Column, ColumnType, Ordered, Statement};
use std::fmt;
use std::marker::PhantomData;

/// One key of an order: a column, or something computed of one, and a direction.
///
/// As in PostgreSQL, NULLs come last in ascending order and first in descending order unless said otherwise.
pub struct Order<M> {
    pub(crate) key: OrderKey,
    pub(crate) descending: bool,
    nulls: Option<Nulls>,
    model: PhantomData<fn() -> M>,
}

#[derive(Debug, Clone)]
pub(crate) enum OrderKey {
    Column {
        name: &'static str,
        nullable: bool,
    },
    /// A distance or a rank, the smallest of several. Lists in this order have no pages: the value is not in the row.
    Computed(Vec<Test>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    First,
    Last,
}

impl<M, T: ColumnType> Column<M, T> {
    /// Smallest first.
    #[must_use]
    pub const fn asc(self) -> Order<M>
    where
        T::Inner: Ordered,
    {
        Order::column(self.name(), T::NULLABLE)
    }

    /// Largest first.
    #[must_use]
    pub const fn desc(self) -> Order<M>
    where
        T::Inner: Ordered,
    {
        Order::column(self.name(), T::NULLABLE).reversed(true)
    }
}

impl<M> Order<M> {
    pub(crate) const fn column(name: &'static str, nullable: bool) -> Self {
        Self::new(OrderKey::Column { name, nullable })
    }

    pub(crate) const fn computed(tests: Vec<Test>) -> Self {
        Self::new(OrderKey::Computed(tests))
    }

    const fn new(key: OrderKey) -> Self {
        Self {
            key,
            descending: false,
            nulls: None,
            model: PhantomData,
        }
    }

    pub(crate) const fn reversed(mut self, descending: bool) -> Self {
        self.descending = descending;
        self
    }

    /// The same rows from the other end.
    pub(crate) fn opposite(&self) -> Self {
        Self {
            descending: !self.descending,
            nulls: self.nulls.map(|nulls| match nulls {
                Nulls::First => Nulls::Last,
                Nulls::Last => Nulls::First,
            }),
            ..self.clone()
        }
    }

    /// Rows without a value first.
    #[must_use]
    pub const fn nulls_first(mut self) -> Self {
        self.nulls = Some(Nulls::First);
        self
    }

    /// Rows without a value last.
    #[must_use]
    pub const fn nulls_last(mut self) -> Self {
        self.nulls = Some(Nulls::Last);
        self
    }

    /// Do rows without a value come first?
    pub(crate) fn puts_nulls_first(&self) -> bool {
        match self.nulls {
            Some(nulls) => nulls == Nulls::First,
            None => self.descending,
        }
    }

    pub(crate) fn write(&self, to: &mut Statement) {
        let nullable = match &self.key {
            OrderKey::Column { name, nullable } => {
                push_identifier(to, name);
                *nullable
            }
            OrderKey::Computed(tests) => {
                let is_one = tests.len() == 1;
                to.push(if is_one { "" } else { "LEAST(" });
                for (index, test) in tests.iter().enumerate() {
                    to.push(if index > 0 { ", " } else { "" });
                    test.write(to);
                }
                to.push(if is_one { "" } else { ")" });
                true
            }
        };
        to.push(if self.descending { " DESC" } else { "" });
        // Said only where it says something: an index is used when its order is written the same way.
        if nullable && self.puts_nulls_first() != self.descending {
            to.push(if self.descending {
                " NULLS LAST"
            } else {
                " NULLS FIRST"
            });
        }
    }
}

impl<M> Clone for Order<M> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            model: PhantomData,
            ..*self
        }
    }
}

/// The text of the key, without its values.
impl<M> fmt::Debug for Order<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut statement = Statement::default();
        self.write(&mut statement);
        f.write_str(statement.sql())
    }
}
