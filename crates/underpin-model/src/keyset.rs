//! Pages by key: the condition that the rows after a cursor fulfil.

use crate::cursor::foreign;
use crate::filter::{Node, Test, Tuple};
use crate::order::OrderKey;
use crate::{AnyColumn, Cursor, Error, Fault, FaultKind, Model, Order, SharedValue};
use std::fmt::Write as _;

/// An order in which no two rows are equal, by columns whose values are in the row.
pub(crate) struct Keyset<M: 'static> {
    keys: Vec<Key<M>>,
}

struct Key<M: 'static> {
    column: &'static dyn AnyColumn<M>,
    order: Order<M>,
}

impl<M: Model> Keyset<M> {
    /// The given order, with the primary key at its end.
    pub(crate) fn new(orders: &[Order<M>]) -> Result<Self, Error> {
        let mut keys: Vec<Key<M>> = Vec::new();
        for order in orders {
            let OrderKey::Column { name, .. } = order.key else {
                return Err(no_pages::<M>());
            };
            // A column that is named twice has no say the second time.
            if !keys.iter().any(|key| key.column.name() == name) {
                keys.push(Key {
                    column: find_column(name)?,
                    order: order.clone(),
                });
            }
        }
        let descending = keys.last().is_some_and(|last| last.order.descending);
        for name in M::TABLE.key {
            if !keys.iter().any(|key| key.column.name() == *name) {
                keys.push(Key {
                    column: find_column(name)?,
                    order: Order::column(name, false).reversed(descending),
                });
            }
        }
        Ok(Self { keys })
    }

    pub(crate) fn orders(self) -> Vec<Order<M>> {
        self.keys.into_iter().map(|key| key.order).collect()
    }

    /// The cursor behind a row, or before it.
    pub(crate) fn cursor(&self, row: &M, is_back: bool, scope: &str) -> Result<Cursor, Error> {
        Cursor {
            list: self.list(),
            scope: String::from(scope),
            is_back,
            keys: self.keys.iter().map(|key| key.column.print(row)).collect(),
        }
        .check_length()
    }

    /// The order of the rows from a cursor on, which leads forward or back, and their condition.
    pub(crate) fn from(mut self, cursor: &Cursor) -> Result<(Self, Node), Error> {
        if cursor.list != self.list() || cursor.keys.len() != self.keys.len() {
            return Err(foreign());
        }
        if cursor.is_back {
            for key in &mut self.keys {
                key.order = key.order.opposite();
            }
        }
        let after = self.after(cursor)?;
        Ok((self, after))
    }

    fn after(&self, cursor: &Cursor) -> Result<Node, Error> {
        let values = self
            .keys
            .iter()
            .zip(&cursor.keys)
            .map(|(key, text)| key.value(text.as_deref()));
        let values = values.collect::<Result<Vec<_>, Error>>()?;
        if let Some(tuple) = self.tuple(&values) {
            return Ok(tuple);
        }
        // a > $1 OR (a = $1 AND (b > $2 OR (b = $2 AND …))), from the inside out.
        let mut condition: Option<Node> = None;
        for (key, value) in self.keys.iter().zip(&values).rev() {
            let beyond = key.beyond(value.clone());
            condition = Some(match condition {
                Some(ties) => beyond.or(key.equal(value.clone()).and(ties)),
                None => beyond,
            });
        }
        let condition = condition.unwrap_or(Node::Any(Vec::new()));
        Ok(match self.keys.iter().zip(values).next() {
            Some((first, Some(value))) => first.bound(value).and(condition),
            _ => condition,
        })
    }

    /// One comparison of rows, which an index serves: when all keys run the same way and none may be NULL.
    fn tuple(&self, values: &[Option<SharedValue>]) -> Option<Node> {
        let descending = self.keys.first()?.order.descending;
        let is_plain =
            |key: &Key<M>| key.order.descending == descending && !key.column.values().nullable;
        if !self.keys.iter().all(is_plain) {
            return None;
        }
        Some(Node::Tuple(Tuple {
            columns: self.keys.iter().map(|key| key.column.name()).collect(),
            operator: if descending { "<" } else { ">" },
            values: values.iter().cloned().collect::<Option<_>>()?,
        }))
    }

    /// Names table and order: `notes created_at- id-`.
    fn list(&self) -> String {
        let mut list = String::from(M::TABLE.name);
        for key in &self.keys {
            let direction = if key.order.descending { '-' } else { '+' };
            let nulls = if key.column.values().nullable && key.order.puts_nulls_first() {
                "^"
            } else {
                ""
            };
            write!(list, " {}{direction}{nulls}", key.column.name()).expect("a String takes all");
        }
        list
    }
}

impl<M: Model> Key<M> {
    fn value(&self, text: Option<&str>) -> Result<Option<SharedValue>, Error> {
        let values = self.column.values();
        match text {
            None if values.nullable => Ok(None),
            None => Err(foreign()),
            Some(text) => (values.parse)(text).map(Some).ok_or_else(foreign),
        }
    }

    fn equal(&self, value: Option<SharedValue>) -> Node {
        match value {
            Some(value) => self.test("{c} = {v}", [value]),
            None => self.test("{c} IS NULL", []),
        }
    }

    /// Implied by what is after the cursor, and simple enough for an index.
    fn bound(&self, value: SharedValue) -> Node {
        if self.column.values().nullable {
            return Node::All(Vec::new());
        }
        let template = if self.order.descending {
            "{c} <= {v}"
        } else {
            "{c} >= {v}"
        };
        self.test(template, [value])
    }

    /// Rows whose value comes after this one.
    fn beyond(&self, value: Option<SharedValue>) -> Node {
        let nulls_first = self.order.puts_nulls_first();
        let Some(value) = value else {
            return if nulls_first {
                self.test("{c} IS NOT NULL", [])
            } else {
                Node::Any(Vec::new())
            };
        };
        let template = if self.order.descending {
            "{c} < {v}"
        } else {
            "{c} > {v}"
        };
        let beyond = self.test(template, [value]);
        if self.column.values().nullable && !nulls_first {
            beyond.or(self.test("{c} IS NULL", []))
        } else {
            beyond
        }
    }

    fn test<const N: usize>(&self, template: &'static str, values: [SharedValue; N]) -> Node {
        Node::Test(Test::new(self.column.name(), template, values))
    }
}

/// The column of a model that has this name in the database.
pub(crate) fn find_column<M: Model>(name: &str) -> Result<&'static dyn AnyColumn<M>, Error> {
    let found = M::ANY_COLUMNS.iter().find(|column| column.name() == name);
    found.copied().ok_or_else(|| {
        let fault = Fault::new(
            FaultKind::UnknownColumn,
            M::TABLE.model,
            Some(name),
            "is no column",
        );
        Error::of("the model has no such column", fault)
    })
}

fn no_pages<M: Model>() -> Error {
    let fault = Fault::new(
        FaultKind::Limit,
        M::TABLE.model,
        None,
        "is ordered by a distance or rank",
    );
    Error::of("a list in a computed order has no pages", fault)
        .with_hint("take the best with `limit(n).all()`, or order by columns")
}
