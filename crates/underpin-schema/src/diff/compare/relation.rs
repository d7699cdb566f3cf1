//! Views, materialised views, extended statistics.

use super::options::parameters;
use crate::diff::change::{Change, ChangeKind};
use crate::{Column, MaterialisedView, Object, Statistics, View, quote_identifier, sql};

/// A view is replaced in place as long as it keeps its columns and new ones come last.
pub(super) fn view(from: &View, to: &View) -> Option<Vec<Change>> {
    let is_same = |(old, new): (&Column, &Column)| {
        (&old.name, &old.data_type, &old.collation) == (&new.name, &new.data_type, &new.collation)
    };
    let keeps =
        from.columns.len() <= to.columns.len() && from.columns.iter().zip(&to.columns).all(is_same);
    let object = Object::View(to.name.clone());
    let kind = match from.runs_as_owner() == to.runs_as_owner() {
        true => ChangeKind::Alter,
        false => ChangeKind::Access,
    };
    let mut changes = Vec::new();
    if from.definition != to.definition {
        if !keeps {
            return None;
        }
        let create = sql::create_view(&View {
            columns: Default::default(),
            ..to.clone()
        });
        let create = create.into_iter();
        let create = create.map(|sql| sql.replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1));
        changes.extend(create.map(|sql| Change::new(object.clone(), kind.clone(), vec![sql])));
    } else if from.parameters != to.parameters {
        let actions = parameters(&from.parameters, &to.parameters).into_iter();
        let alter = |action| format!("ALTER VIEW {} {action}", to.name);
        let actions = actions.map(alter);
        changes.extend(actions.map(|sql| Change::new(object.clone(), kind.clone(), vec![sql])));
    }
    for column in &to.columns {
        let before = from
            .columns
            .get(&column.name)
            .and_then(|old| old.default.as_ref());
        if before != column.default.as_ref() {
            let name = quote_identifier(&column.name);
            let action = match &column.default {
                Some(default) => format!("SET DEFAULT {default}"),
                None => "DROP DEFAULT".to_owned(),
            };
            let sql = format!("ALTER VIEW {} ALTER COLUMN {name} {action}", to.name);
            changes.push(Change::alter(object.clone(), sql));
        }
    }
    Some(changes)
}

pub(super) fn materialised_view(
    from: &MaterialisedView,
    to: &MaterialisedView,
) -> Option<Vec<Change>> {
    let settings = |column: &Column| {
        (
            column.statistics,
            column.storage.clone(),
            column.compression.clone(),
            column.options.clone(),
        )
    };
    let same_settings = from
        .columns
        .iter()
        .map(settings)
        .eq(to.columns.iter().map(settings));
    if from.definition != to.definition
        || from.access_method != to.access_method
        || from.tablespace != to.tablespace
        || !same_settings
    {
        return None;
    }
    let object = Object::MaterialisedView(to.name.clone());
    let actions = parameters(&from.parameters, &to.parameters).into_iter();
    let alter = |action| format!("ALTER MATERIALIZED VIEW {} {action}", to.name);
    Some(
        actions
            .map(|action| Change::alter(object.clone(), alter(action)))
            .collect(),
    )
}

pub(super) fn statistics(from: &Statistics, to: &Statistics) -> Option<Vec<Change>> {
    let is_other = from.target != to.target;
    (from.definition == to.definition)
        .then(|| is_other.then(|| set_target(to)).into_iter().collect())
}

/// What has to be said again when PostgreSQL makes statistics anew because the type of a column changes.
pub(in crate::diff) fn target_again(to: &Statistics) -> Vec<Change> {
    to.target.map(|_| set_target(to)).into_iter().collect()
}

fn set_target(to: &Statistics) -> Change {
    let target = to.target.unwrap_or(-1);
    let sql = format!("ALTER STATISTICS {} SET STATISTICS {target}", to.name);
    Change::alter(Object::Statistics(to.name.clone()), sql)
}
