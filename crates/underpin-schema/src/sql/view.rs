//! Views and materialised views.

use super::list::{parameters, tablespace_clause, with_clause};
use crate::{MaterialisedView, View, quote_identifier};

/// `CREATE VIEW`, and the defaults of its columns.
#[must_use]
pub fn create_view(view: &View) -> Vec<String> {
    let View {
        name, definition, ..
    } = view;
    let options = with_clause(&view.parameters);
    let create = format!("CREATE VIEW {name}{options} AS\n{definition}");
    let defaults = view.columns.iter().filter_map(|column| {
        let (default, column) = (column.default.as_ref()?, quote_identifier(&column.name));
        Some(format!(
            "ALTER VIEW {name} ALTER COLUMN {column} SET DEFAULT {default}"
        ))
    });
    std::iter::once(create).chain(defaults).collect()
}

/// `CREATE MATERIALIZED VIEW`, and the settings of its columns.
#[must_use]
pub fn create_materialised_view(view: &MaterialisedView) -> Vec<String> {
    let MaterialisedView {
        name, definition, ..
    } = view;
    let method = view.access_method.as_deref().map(quote_identifier);
    let method = method.map_or_else(String::new, |method| format!(" USING {method}"));
    let options = with_clause(&view.parameters);
    let tablespace = tablespace_clause(view.tablespace.as_deref());
    let create =
        format!("CREATE MATERIALIZED VIEW {name}{method}{options}{tablespace} AS\n{definition}");
    let settings = view.columns.iter().flat_map(|column| {
        let alter = |action: String| {
            let column = quote_identifier(&column.name);
            format!("ALTER MATERIALIZED VIEW {name} ALTER COLUMN {column} {action}")
        };
        let statistics = column
            .statistics
            .map(|target| alter(format!("SET STATISTICS {target}")));
        let storage = column
            .storage
            .as_ref()
            .map(|storage| alter(format!("SET STORAGE {}", storage.to_uppercase())));
        let compression = column
            .compression
            .as_ref()
            .map(|method| alter(format!("SET COMPRESSION {method}")));
        let options = (!column.options.is_empty())
            .then(|| alter(format!("SET ({})", parameters(&column.options))));
        let all = [statistics, storage, compression, options];
        all.into_iter().flatten()
    });
    std::iter::once(create).chain(settings).collect()
}
