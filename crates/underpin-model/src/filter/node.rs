//! The tree behind a condition, and how it is written.

use crate::{SharedValue, Statement, Table};

/// A condition, whatever model it is about.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Test(Test),
    Tuple(Tuple),
    Exists(Box<Exists>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

/// A condition on one column.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    column: &'static str,
    template: &'static str,
    values: Vec<SharedValue>,
    nullable: bool,
}

/// `(a, b) > ($1, $2)`: what comes after a row.
#[derive(Debug, Clone)]
pub(crate) struct Tuple {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) operator: &'static str,
    pub(crate) values: Vec<SharedValue>,
}

/// Is there a row in another table, or another row in this one, that belongs to this row and fulfils a condition?
#[derive(Debug, Clone)]
pub(crate) struct Exists {
    pub(crate) table: &'static Table,
    /// The column of that table.
    pub(crate) column: &'static str,
    /// The column of this row that it is equal to.
    pub(crate) outer_column: &'static str,
    pub(crate) filter: Node,
}

impl Test {
    /// In `template`, `{c}` stands for the column and each `{v}` for the next value.
    pub(crate) fn new<const N: usize>(
        column: &'static str,
        template: &'static str,
        values: [SharedValue; N],
    ) -> Self {
        debug_assert_eq!(template.matches("{v}").count(), N, "{template}");
        Self {
            column,
            template,
            values: values.into(),
            nullable: false,
        }
    }

    /// Says whether the answer may be NULL.
    pub(crate) const fn nullable(mut self, nullable: bool) -> Self {
        self.nullable = nullable;
        self
    }

    pub(crate) fn write(&self, to: &mut Statement) {
        let mut values = self.values.iter();
        let mut rest = self.template;
        while let Some(at) = rest.find('{') {
            let (before, place) = rest.split_at(at);
            let (place, after) = place.split_at(PLACE_CHARS);
            to.push(before);
            if place == "{c}" {
                push_identifier(to, self.column);
            } else if let Some(value) = values.next() {
                to.bind_for(self.column, value.clone());
            }
            rest = after;
        }
        to.push(rest);
    }
}

/// How long `{c}` and `{v}` are.
const PLACE_CHARS: usize = 3;

impl Node {
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(mut nodes), Self::All(more)) => {
                nodes.extend(more);
                Self::All(nodes)
            }
            (Self::All(mut nodes), other) => {
                nodes.push(other);
                Self::All(nodes)
            }
            (first, Self::All(mut more)) => {
                more.insert(0, first);
                Self::All(more)
            }
            (first, other) => Self::All(vec![first, other]),
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut nodes) => {
                nodes.push(other);
                Self::Any(nodes)
            }
            first => Self::Any(vec![first, other]),
        }
    }

    /// Does every row fulfil it?
    pub(crate) fn is_always_true(&self) -> bool {
        matches!(self, Self::All(nodes) if nodes.iter().all(Self::is_always_true))
    }

    /// Writes the condition. `table` is what the row's table is called at this place, `depth` how many EXISTS are around.
    pub(crate) fn write(&self, to: &mut Statement, table: &str, depth: usize) {
        match self {
            Self::Test(test) => test.write(to),
            Self::Tuple(tuple) => tuple.write(to),
            Self::Exists(exists) => exists.write(to, table, depth),
            Self::All(nodes) => write_list(nodes, to, table, depth, " AND ", "TRUE"),
            Self::Any(nodes) => write_list(nodes, to, table, depth, " OR ", "FALSE"),
            Self::Not(node) => {
                let (before, after) = if node.may_be_null() {
                    ("(", ") IS NOT TRUE")
                } else {
                    ("NOT (", ")")
                };
                to.push(before);
                node.write(to, table, depth);
                to.push(after);
            }
        }
    }

    /// Writes the condition behind an AND.
    pub(crate) fn write_conjunct(&self, to: &mut Statement, table: &str, depth: usize) {
        match self {
            Self::Any(_) => write_list(std::slice::from_ref(self), to, table, depth, "", ""),
            _ => self.write(to, table, depth),
        }
    }

    fn may_be_null(&self) -> bool {
        match self {
            Self::Test(test) => test.nullable,
            Self::Tuple(_) | Self::Exists(_) | Self::Not(_) => false,
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::may_be_null),
        }
    }
}

fn write_list(
    nodes: &[Node],
    to: &mut Statement,
    table: &str,
    depth: usize,
    between: &str,
    empty: &str,
) {
    if nodes.is_empty() {
        to.push(empty);
    }
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            to.push(between);
        }
        let is_list = matches!(node, Node::All(inner) | Node::Any(inner) if inner.len() > 1);
        to.push(if is_list { "(" } else { "" });
        node.write(to, table, depth);
        to.push(if is_list { ")" } else { "" });
    }
}

impl Tuple {
    fn write(&self, to: &mut Statement) {
        to.push("(");
        for (index, column) in self.columns.iter().enumerate() {
            to.push(if index > 0 { ", " } else { "" });
            push_identifier(to, column);
        }
        to.push(") ").push(self.operator).push(" (");
        for (index, (column, value)) in self.columns.iter().zip(&self.values).enumerate() {
            to.push(if index > 0 { ", " } else { "" });
            to.bind_for(column, value.clone());
        }
        to.push(")");
    }
}

impl Exists {
    fn write(&self, to: &mut Statement, outer: &str, depth: usize) {
        let alias = format!("r{}", depth + 1);
        to.push("EXISTS (SELECT 1 FROM ")
            .push(self.table.sql_name)
            .push(" AS ")
            .push(&alias)
            .push(" WHERE ")
            .push(&alias)
            .push(".");
        push_identifier(to, self.column);
        to.push(" = ").push(outer).push(".");
        push_identifier(to, self.outer_column);
        if self.table.soft_delete {
            to.push(" AND ").push(NOT_DELETED);
        }
        if !self.filter.is_always_true() {
            to.push(" AND ");
            let outside = to.scope.replace(self.table);
            self.filter.write_conjunct(to, &alias, depth + 1);
            to.scope = outside;
        }
        to.push(")");
    }
}

/// The condition that rows which are not deleted fulfil.
pub(crate) const NOT_DELETED: &str = "\"deleted_at\" IS NULL";

/// Writes a quoted name. Names come from the derive, which has refused quotes in them.
pub(crate) fn push_identifier(to: &mut Statement, name: &str) {
    to.push("\"").push(name).push("\"");
}
