//! What models cannot say, and migrations written by hand have made, is no difference from models.

use super::materialise::Materialised;
use super::source::Source;
use crate::Error;
use std::collections::BTreeSet;
use underpin_schema::sql::table_settings;
use underpin_schema::{Catalog, Object, Statement};

/// Makes functions, views, triggers, policies, privileges and the like of the start in the database of the models, as far
/// as they can be made there: what needs a table or a column that the models do not have any more goes with it.
pub(super) async fn keep(
    source: &Source,
    goal: &mut Materialised,
    start: &Catalog,
) -> Result<(), Error> {
    if !is_of_models(source) {
        return Ok(());
    }
    let mut statements = start.create_sql();
    statements.retain(|statement| is_unsaid(statement, start));
    if statements.is_empty() {
        return Ok(());
    }
    let mut session = goal.session().await?;
    for statement in statements {
        // Refused: it is there already, or it needs what is gone. A connection that is lost shows when it is read.
        drop(session.batch(&statement.sql).await);
    }
    goal.read_again(&mut session).await
}

/// Is it made of models, which have words for tables only?
pub(super) fn is_of_models(source: &Source) -> bool {
    match source {
        Source::Models(..) => true,
        Source::Several(sources) => sources.iter().any(is_of_models),
        Source::Migrations(_) | Source::Files(_) | Source::Database(_) => false,
    }
}

/// Is it something for which a model has no word?
fn is_unsaid(statement: &Statement, start: &Catalog) -> bool {
    let sql = &statement.sql;
    if sql.contains(" DEPENDS ON EXTENSION ") {
        return true;
    }
    match &statement.object {
        Object::Namespace(_)
        | Object::Extension(_)
        | Object::Collation(_)
        | Object::Function(_)
        | Object::View(_)
        | Object::MaterialisedView(_)
        | Object::Trigger(_)
        | Object::Rule(_)
        | Object::Policy(_)
        | Object::Statistics(_)
        | Object::DefaultPrivileges => true,
        Object::Type(name) => !start.schema.enums.contains(name),
        Object::Sequence(name) => {
            let sequence = start.schema.sequences.get(name);
            sequence.is_some_and(|it| it.owned_by.is_none())
        }
        Object::Table(name) => {
            let table = start.schema.tables.get(name);
            let settings: BTreeSet<String> =
                table.map(table_settings).into_iter().flatten().collect();
            is_about_access(sql) || settings.contains(sql)
        }
        Object::Column(_) => is_about_access(sql),
        Object::Default(_) | Object::Constraint(_) | Object::Index(_) => false,
    }
}

fn is_about_access(sql: &str) -> bool {
    sql.starts_with("GRANT ") || sql.starts_with("REVOKE ")
}
