//! The parameters of a query string, one by one.

use crate::query_string::{ListQuery, QueryRules};
use crate::query_test::test;
use crate::{Cursor, Error, Fault, FaultKind, Filter, Model, Order, PageRequest};
use form_urlencoded::Serializer;

/// The longest query string, in bytes.
const QUERY_BYTES_MAX: usize = 8192;
/// The most conditions in one query string.
const CONDITIONS_MAX: usize = 50;
/// The most columns to sort by.
const SORT_COLUMNS_MAX: usize = 8;

/// A query string taken apart.
#[derive(Default)]
pub(crate) struct Parts {
    /// What describes the list, sorted: conditions, `search` and `sort`.
    list: Vec<(String, String)>,
    limit: Option<String>,
    cursor: Option<String>,
    total: Option<String>,
}

impl Parts {
    pub(crate) fn read<M: Model>(query: &str) -> Result<Self, Error> {
        if query.len() > QUERY_BYTES_MAX {
            let why = format!("a query string has at most {QUERY_BYTES_MAX} bytes");
            return Err(refused::<M>(FaultKind::Limit, "query", why));
        }
        let mut parts = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let once = match &*name {
                "limit" => &mut parts.limit,
                "cursor" => &mut parts.cursor,
                "total" => &mut parts.total,
                _ => {
                    parts.list.push((name.into_owned(), value.into_owned()));
                    continue;
                }
            };
            if once.replace(value.into_owned()).is_some() {
                return Err(refused::<M>(
                    FaultKind::Invalid,
                    &name,
                    "is there more than once",
                ));
            }
        }
        if parts.list.len() > CONDITIONS_MAX {
            let why = format!("a query string has at most {CONDITIONS_MAX} conditions");
            return Err(refused::<M>(FaultKind::Limit, "query", why));
        }
        parts.list.sort();
        Ok(parts)
    }

    pub(crate) fn into_list<M: Model>(
        mut self,
        rules: &QueryRules<M>,
    ) -> Result<ListQuery<M>, Error> {
        let mut page = PageRequest::first(self.rows(rules)?);
        // Clients send `?cursor=` for the first page.
        if let Some(cursor) = self.cursor.take().filter(|text| !text.is_empty()) {
            let cursor: Cursor = cursor.parse().map_err(|error: Error| {
                let why = "is not one of this list";
                let refused = refused::<M>(FaultKind::Invalid, "cursor", why);
                refused.with_hint(error.hint().map(String::from).unwrap_or_default())
            })?;
            self.continue_from::<M>(&cursor)?;
            page = page.after(cursor);
        }
        let page = page.in_scope(self.scope());
        let total = match self.total.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                return Err(refused::<M>(
                    FaultKind::Invalid,
                    "total",
                    "must be true or false",
                ));
            }
        };
        let mut query = ListQuery {
            filter: Filter::all([]),
            search: None,
            order: Vec::new(),
            page,
            total,
        };
        for (name, value) in self.list {
            match &*name {
                "sort" if query.order.is_empty() => query.order = orders(rules, &value)?,
                "search" if query.search.is_none() => query.search = Some(value),
                "sort" | "search" => {
                    return Err(refused::<M>(
                        FaultKind::Invalid,
                        &name,
                        "is there more than once",
                    ));
                }
                _ => query.filter = query.filter.and(condition(rules, &name, &value)?),
            }
        }
        query.search.take_if(|text| text.is_empty());
        Ok(query)
    }

    /// Takes conditions and order from the cursor; those of the request, when there are any, must be the same.
    fn continue_from<M: Model>(&mut self, cursor: &Cursor) -> Result<(), Error> {
        let before = Self::read::<M>(&cursor.scope)?;
        if !self.list.is_empty() && self.list != before.list {
            let error = refused::<M>(
                FaultKind::Invalid,
                "cursor",
                "belongs to a list with another filter or order",
            );
            return Err(
                error.with_hint("send the cursor alone, or with the same parameters as before")
            );
        }
        self.list = before.list;
        Ok(())
    }

    fn scope(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(&self.list)
            .finish()
    }

    fn rows<M: Model>(&self, rules: &QueryRules<M>) -> Result<u32, Error> {
        let (default, max) = rules.page_rows();
        let Some(text) = &self.limit else {
            return Ok(default);
        };
        let rows = text.parse().ok().filter(|rows| (1..=max).contains(rows));
        rows.ok_or_else(|| {
            refused::<M>(
                FaultKind::Invalid,
                "limit",
                format!("must be a number from 1 to {max}"),
            )
        })
    }
}

/// `-created_at,title`
fn orders<M: Model>(rules: &QueryRules<M>, text: &str) -> Result<Vec<Order<M>>, Error> {
    let names: Vec<&str> = text.split(',').collect();
    if names.len() > SORT_COLUMNS_MAX {
        let why = format!("names at most {SORT_COLUMNS_MAX} fields");
        return Err(refused::<M>(FaultKind::Limit, "sort", why));
    }
    let order = |name: &&str| {
        let (name, descending) = match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (*name, false),
        };
        let found = rules.sort_field(name);
        let column = found.map_err(|allowed| {
            let why = format!("names \"{}\", which {NOT_ALLOWED}", shown(name));
            refused::<M>(FaultKind::UnknownColumn, "sort", why).with_hint(allowed)
        })?;
        let column = column.column;
        Ok(Order::column(column.name(), column.values().nullable).reversed(descending))
    };
    names.iter().map(order).collect()
}

/// `field=value` or `field[operator]=value`
fn condition<M: Model>(
    rules: &QueryRules<M>,
    parameter: &str,
    value: &str,
) -> Result<Filter<M>, Error> {
    let (name, operator) = split(parameter);
    let found = rules.field(name);
    let column = found.map_err(|allowed| {
        refused::<M>(FaultKind::UnknownColumn, parameter, NOT_ALLOWED).with_hint(allowed)
    })?;
    let column = column.column;
    match test(column.name(), column.values(), operator, value) {
        Ok(node) => Ok(Filter::new(node)),
        Err(why) => Err(refused::<M>(FaultKind::Invalid, parameter, why)),
    }
}

/// `created_at[gte]` as field and operator.
fn split(parameter: &str) -> (&str, Option<&str>) {
    let inside = parameter.strip_suffix(']');
    match inside.and_then(|parameter| parameter.split_once('[')) {
        Some((name, operator)) => (name, Some(operator)),
        None => (parameter, None),
    }
}

const NOT_ALLOWED: &str = "is not one of the fields that are allowed here";

/// The error about a parameter, which names the field as well when it is about one. Names may be hostile: they are shown
/// shortened and escaped. Values are not shown.
fn refused<M: Model>(kind: FaultKind, parameter: &str, why: impl Into<String>) -> Error {
    let (name, _) = split(parameter);
    let field = M::TABLE.columns.iter().find(|column| column.field == name);
    let (shown, why) = (shown(parameter), why.into());
    let message = format!("query parameter \"{shown}\" {why}");
    let mut fault = Fault::new(kind, M::TABLE.model, field.map(|field| field.field), why);
    fault.parameter = Some(shown);
    Error::of(message, fault)
}

fn shown(name: &str) -> String {
    const CHARS: usize = 40;
    let start = name.chars().take(CHARS);
    start.flat_map(char::escape_debug).collect()
}
