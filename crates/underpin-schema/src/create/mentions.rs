//! What needs what, as far as the texts of types and queries mention it.

use crate::facts::{QualifiedName, Schema};
use crate::{Dependencies, Object};

/// Dependencies for a schema that no database has seen.
pub(super) fn mentions(schema: &Schema) -> Dependencies {
    let mut found = Dependencies::default();
    let (types, tables, views) = (types(schema), tables(schema), views(schema));
    let mut look = |dependant: Object, text: &str, among: &Names| {
        for needed in among.mentioned_in(text) {
            found.insert(dependant.clone(), needed.clone());
        }
    };
    for it in &schema.domains {
        look(Object::Type(it.name.clone()), &it.data_type, &types);
    }
    for it in &schema.ranges {
        look(Object::Type(it.name.clone()), &it.subtype, &types);
    }
    for it in &schema.composites {
        for attribute in &it.attributes {
            look(Object::Type(it.name.clone()), &attribute.data_type, &types);
        }
    }
    for it in &schema.tables {
        for column in &it.columns {
            look(Object::Table(it.name.clone()), &column.data_type, &tables);
        }
    }
    for it in &schema.functions {
        let returns = it.returns.as_deref().unwrap_or_default();
        look(
            Object::Function(it.signature.clone()),
            &it.arguments,
            &tables,
        );
        look(Object::Function(it.signature.clone()), returns, &tables);
    }
    for it in &schema.views {
        look(Object::View(it.name.clone()), &it.definition, &views);
    }
    for it in &schema.materialised_views {
        look(
            Object::MaterialisedView(it.name.clone()),
            &it.definition,
            &views,
        );
    }
    found
}

fn types(schema: &Schema) -> Names {
    let enums = schema.enums.iter().map(|it| &it.name);
    let domains = schema.domains.iter().map(|it| &it.name);
    let composites = schema.composites.iter().map(|it| &it.name);
    let ranges = schema.ranges.iter().map(|it| &it.name);
    let all = enums.chain(domains).chain(composites).chain(ranges);
    Names::of(all.map(|name| (name, Object::Type(name.clone()))))
}

fn tables(schema: &Schema) -> Names {
    let all = schema.tables.iter().map(|it| &it.name);
    Names::of(all.map(|name| (name, Object::Table(name.clone()))))
}

fn views(schema: &Schema) -> Names {
    let views = schema.views.iter().map(|it| &it.name);
    let views = views.map(|name| (name, Object::View(name.clone())));
    let materialised = schema.materialised_views.iter().map(|it| &it.name);
    let materialised = materialised.map(|name| (name, Object::MaterialisedView(name.clone())));
    Names::of(views.chain(materialised))
}

/// Objects, each with its name as SQL writes it.
struct Names(Vec<(String, Object)>);

impl Names {
    fn of<'a>(objects: impl Iterator<Item = (&'a QualifiedName, Object)>) -> Self {
        Self(
            objects
                .map(|(name, object)| (name.to_string(), object))
                .collect(),
        )
    }

    /// Those whose whole names a text contains. A text without a point, such as that of most types, has none.
    fn mentioned_in(&self, text: &str) -> impl Iterator<Item = &Object> {
        let names = if text.contains('.') {
            self.0.as_slice()
        } else {
            &[]
        };
        let mentioned = names
            .iter()
            .filter(move |(name, _)| is_mentioned(name, text));
        mentioned.map(|(_, object)| object)
    }
}

fn is_mentioned(name: &str, text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + name.len()..]);
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_mentioned() {
        let check = |text: &str, expected| {
            assert_eq!(is_mentioned("public.mood", text), expected, "{text}");
        };
        check("public.mood[]", true);
        check("public.moody", false);
        check("republic.mood", false);
    }
}
