//! A way in pieces for a file each.

use super::materialise::Materialised;
use super::proof::{Purpose, travel};
use super::rename::taken_back;
use super::route::{Role, Route, Step};
use super::{Difference, no_way_back};
use crate::Error;
use std::sync::Arc;
use underpin_schema::{Catalog, Object};

/// Cuts a way that was gone, and finds the way back of each piece. `starts` are what was there before each.
pub(super) async fn cut(
    up: Route,
    starts: Vec<Arc<Catalog>>,
    at: &mut Materialised,
    known: &Difference,
) -> Result<Vec<Difference>, Error> {
    let routes = split(up.steps);
    let mut pieces = Vec::new();
    for (up, start) in routes.into_iter().zip(starts).rev() {
        let taken_back = taken_back(&up, &at.catalog);
        let down = travel(at, taken_back, &start, Purpose::OneFile).await;
        pieces.push(Difference {
            up,
            down: down.map_err(no_way_back)?,
            ..known.clone()
        });
    }
    pieces.reverse();
    Ok(pieces)
}

/// Statements that run alone are a piece each; a label is committed before it is used. What is set around bodies of functions is
/// set in each piece that has some: a file begins with nothing set.
pub(super) fn split(steps: Vec<Step>) -> Vec<Route> {
    let (settings, steps): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(is_setting);
    let mut routes = parted(steps);
    let makes_function =
        |step: &Step| matches!(step.object, Object::Function(_)) && step.sql.starts_with("CREATE");
    if let [set, reset] = settings.as_slice() {
        for route in &mut routes {
            if route.steps.iter().any(makes_function) {
                route.steps.insert(0, set.clone());
                route.steps.push(reset.clone());
            }
        }
    }
    routes
}

fn is_setting(step: &Step) -> bool {
    step.sql.starts_with("SET ") || step.sql.starts_with("RESET ")
}

fn parted(steps: Vec<Step>) -> Vec<Route> {
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
    use underpin_schema::{QualifiedName, Signature};

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

    #[test]
    fn what_is_set_for_bodies_of_functions_is_set_in_each_piece_that_has_some() {
        let table = || Object::Table(QualifiedName::new("public", "t"));
        let function = || {
            let name = QualifiedName::new("public", "f");
            Object::Function(Signature {
                name,
                arguments: String::new(),
            })
        };
        let step = |object, sql| Step::new(object, sql);
        let routes = split(vec![
            step(function(), "SET check_function_bodies = off"),
            step(table(), "CREATE TABLE t (a int)"),
            step(table(), "CREATE INDEX CONCURRENTLY j ON u (a)"),
            step(
                function(),
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            ),
            step(function(), "RESET check_function_bodies"),
        ]);
        let sizes: Vec<usize> = routes.iter().map(|route| route.steps.len()).collect();
        assert_eq!(sizes, [1, 1, 3]);
    }
}
