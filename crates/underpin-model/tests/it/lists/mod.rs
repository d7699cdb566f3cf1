//! Lists: filters, orders, pages, query strings, relations, searches, aggregates.

mod aggregate;
mod explain;
mod filter;
mod golden;
mod hostile;
mod page;
mod query_string;
mod relation;
mod search;
mod shelf;
