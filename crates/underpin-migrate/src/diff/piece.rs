//! A way in pieces for a file each.

use super::Difference;
use super::materialise::Materialised;
use super::proof::{Purpose, go, travel};
use super::rename::taken_back;
use super::route::{Role, Route, Step};
use crate::Error;
use std::sync::Arc;

/// Cuts a way, and finds the way back of each piece. The scratch database is where the way begins.
pub(super) async fn cut(found: Difference, mut at: Materialised) -> Result<Vec<Difference>, Error> {
    let routes = split(found.up.steps);
    let session = at.session().await?;
    let mut starts = Vec::new();
    for route in &routes {
        starts.push(Arc::clone(&at.catalog));
        go(&session, &route.steps).await?;
        at.read_again().await?;
    }
    let mut pieces = Vec::new();
    for (up, start) in routes.into_iter().zip(starts).rev() {
        let taken_back = taken_back(&up, &at.catalog);
        let down = travel(&mut at, taken_back, &start, Purpose::OneFile).await?;
        pieces.push(Difference {
            up,
            down,
            unknown_options: found.unknown_options.clone(),
            invalid_indexes: found.invalid_indexes.clone(),
        });
    }
    pieces.reverse();
    Ok(pieces)
}

/// Statements that run alone are a piece each; a label is committed before it is used.
fn split(steps: Vec<Step>) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for step in steps {
        match routes.last_mut().filter(|route| can_join(&step, route)) {
            Some(route) => route.steps.push(step),
            None => routes.push(Route { steps: vec![step] }),
        }
    }
    routes
}

/// Can a step share a transaction with those before it?
fn can_join(step: &Step, route: &Route) -> bool {
    let adds_label = matches!(step.role, Role::AddsLabel(_));
    let can_follow = |before: &Step| match &before.role {
        Role::AddsLabel(label) => adds_label || !step.sql.contains(label),
        _ => !before.alone,
    };
    !step.alone && route.steps.iter().all(can_follow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use underpin_schema::{Object, QualifiedName};

    #[test]
    fn what_runs_alone_or_uses_a_new_label_begins_a_piece() {
        let step = |sql| Step::new(Object::Table(QualifiedName::new("public", "t")), sql);
        let label = Step {
            role: Role::AddsLabel(String::from("'x'")),
            ..step("ALTER TYPE m ADD VALUE 'x'")
        };
        let routes = split(vec![
            step("CREATE TABLE t (a int)"),
            step("CREATE INDEX i ON t (a)"),
            step("CREATE INDEX CONCURRENTLY j ON u (a)"),
            step("CREATE INDEX CONCURRENTLY k ON u (a)"),
            step("ALTER TABLE t ADD n text DEFAULT 'n'"),
            label,
            step("ALTER TABLE t ADD o text DEFAULT 'o'"),
            step("ALTER TABLE t ALTER m SET DEFAULT 'x'"),
        ]);
        let sizes: Vec<usize> = routes.iter().map(|route| route.steps.len()).collect();
        assert_eq!(sizes, [2, 1, 1, 3, 1]);
    }
}
