//! What is not a table: views, types, functions, sequences, extensions.

use super::table::{columns, heading, list};
use super::text::{block, code, prose};
use std::fmt::Write as _;
use underpin_schema::sql::create_index;
use underpin_schema::{QualifiedName, Schema};

pub(super) fn write(out: &mut String, schema: &Schema) {
    views(out, schema);
    types(out, schema);
    functions(out, schema);
    let sequences = schema.sequences.iter();
    let sequences = sequences.map(|it| {
        let owner = it.owned_by.as_ref();
        let owner = owner.map(|it| format!("counts {}", code(&it.to_string())));
        line(
            &it.name.to_string(),
            &owner.unwrap_or_default(),
            it.comment.as_deref(),
        )
    });
    section(out, "Sequences", &sequences.collect::<Vec<_>>());
    let extensions = schema.extensions.iter();
    let extensions = extensions.map(|it| {
        let version = it.version.as_deref().unwrap_or_default();
        line(&it.name, version, None)
    });
    section(out, "Extensions", &extensions.collect::<Vec<_>>());
    let unmodelled = schema.unmodelled.iter().filter(|it| it.is_told());
    let unmodelled = unmodelled.map(|it| format!("- {}", code(&it.description)));
    section(out, "Not described here", &unmodelled.collect::<Vec<_>>());
}

fn views(out: &mut String, schema: &Schema) {
    if schema.views.is_empty() && schema.materialised_views.is_empty() {
        return;
    }
    out.push_str("\n## Views\n");
    for view in &schema.views {
        heading(out, &view.name, view.comment.as_deref());
        columns(out, &view.columns);
        let _ = write!(out, "\n{}", block(&view.definition));
    }
    for view in &schema.materialised_views {
        heading(out, &view.name, view.comment.as_deref());
        out.push_str("\nMaterialised.\n");
        columns(out, &view.columns);
        let indexes = view.indexes.iter();
        let indexes: Vec<_> = indexes
            .map(|it| (create_index(&view.name, it, false), it.comment.as_deref()))
            .collect();
        list(out, "Indexes", &indexes);
        let _ = write!(out, "\n{}", block(&view.definition));
    }
}

fn types(out: &mut String, schema: &Schema) {
    let mut lines = Vec::new();
    let mut add = |name: &QualifiedName, what: String, comment: &Option<String>| {
        lines.push((
            name.clone(),
            line(&name.to_string(), &what, comment.as_deref()),
        ));
    };
    for it in &schema.enums {
        let labels: Vec<_> = it.labels.iter().map(|label| code(label)).collect();
        add(
            &it.name,
            format!("enum of {}", labels.join(", ")),
            &it.comment,
        );
    }
    for it in &schema.domains {
        let checks = it.checks.iter();
        let checks: String = checks
            .map(|check| format!(", CHECK {}", code(&check.expression)))
            .collect();
        let null = if it.not_null { ", not NULL" } else { "" };
        add(
            &it.name,
            format!("domain over {}{null}{checks}", code(&it.data_type)),
            &it.comment,
        );
    }
    for it in &schema.composites {
        let attributes = it.attributes.iter();
        let attributes: Vec<_> = attributes
            .map(|it| code(&format!("{} {}", it.name, it.data_type)))
            .collect();
        add(
            &it.name,
            format!("composite of {}", attributes.join(", ")),
            &it.comment,
        );
    }
    for it in &schema.ranges {
        add(&it.name, String::from("range"), &it.comment);
    }
    lines.sort();
    let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
    section(out, "Types", &lines);
}

fn functions(out: &mut String, schema: &Schema) {
    let functions = schema.functions.iter();
    let functions = functions.map(|it| {
        let kind = it.kind.sql().to_lowercase();
        let returns = it.returns.as_deref();
        let returns = returns.map(|it| format!(" returning {}", code(it)));
        let what = format!("{kind} in {}{}", it.language, returns.unwrap_or_default());
        line(
            &format!("{}({})", it.signature.name, it.arguments),
            &what,
            it.comment.as_deref(),
        )
    });
    section(out, "Functions", &functions.collect::<Vec<_>>());
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = write!(out, "\n## {title}\n\n{}\n", lines.join("\n"));
    }
}

fn line(name: &str, what: &str, comment: Option<&str>) -> String {
    let mut line = format!("- {}", code(name));
    if !what.is_empty() {
        let _ = write!(line, ": {what}");
    }
    if let Some(comment) = comment {
        let _ = write!(line, ". {}", prose(comment));
    }
    line
}
