//! Full text search in a `tsvector`.

use crate::filter::Test;
use crate::{Column, ColumnType, Filter, Order, TsVector};
use std::sync::Arc;

/// Queries are written as in web search engines: words, `"a phrase"`, `or`, `-without`. No text is a wrong query.
impl<M, T: ColumnType<Inner = TsVector>> Column<M, T> {
    /// The document matches a query, in the server's `default_text_search_config`. A GIN index serves this.
    #[must_use]
    pub fn matches(self, query: impl Into<String>) -> Filter<M> {
        self.test("{c} @@ websearch_to_tsquery({v})", [Arc::new(query.into())])
    }

    /// The document matches a query, in a configuration such as `english`. A wrong name is an error of the server.
    #[must_use]
    pub fn matches_in(self, configuration: &'static str, query: impl Into<String>) -> Filter<M> {
        self.test(
            "{c} @@ websearch_to_tsquery({v}::text::regconfig, {v})",
            [Arc::new(configuration), Arc::new(query.into())],
        )
    }

    /// Best matches first. Lists in this order have no pages.
    #[must_use]
    pub fn best_match(self, query: impl Into<String>) -> Order<M> {
        let rank = Test::new(
            self.name(),
            "ts_rank({c}, websearch_to_tsquery({v}))",
            [Arc::new(query.into())],
        );
        Order::computed(vec![rank]).reversed(true)
    }
}
