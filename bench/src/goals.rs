//! The goals that this benchmark can hold Underpin to, from its design.

use crate::peers::{ENTRIES, Who};
use crate::report::{Outcome, number};
use crate::scenario::Headline;
use crate::table::Table;

/// Ours against theirs, in the headline of a scenario.
#[derive(Debug)]
struct Goal {
    scenario: &'static str,
    ours: &'static [Who],
    against: Against,
    bound: Bound,
}

#[derive(Debug, Clone, Copy)]
enum Against {
    Peer(&'static str),
    /// The best of all who are not ours.
    Fastest,
    Nobody,
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    /// At least this many times as much.
    Times(f64),
    /// At most this share of the time.
    Share(f64),
    /// At most this many microseconds.
    Micros(f64),
    /// At most this many microseconds more.
    MicrosMore(f64),
}

use Against::{Fastest, Nobody, Peer};
use Bound::{Micros, MicrosMore, Share, Times};

const POOLS: &[Who] = &[Who::UnderpinLanes, Who::UnderpinSessions];
const REPOSITORY: &[Who] = &[Who::UnderpinRepository];

const GOALS: [Goal; 20] = [
    pools("point-32", Peer("sqlx-best"), Times(2.0)),
    pools("point-32", Peer("sea-orm"), Times(2.5)),
    pools("point-32", Peer("diesel-async"), Times(3.0)),
    pools("point-32", Peer("pgbench"), Times(1.2)),
    pools("point-32", Peer("sqlalchemy"), Times(30.0)),
    pools("point-1", Peer("sqlx-connection"), Share(0.70)),
    pools("point-1", Peer("sqlx"), Share(0.45)),
    pools("rows-10k", Fastest, Share(0.80)),
    pools("insert-32", Peer("sqlx-best"), Times(2.0)),
    pools("bulk-100k", Peer("tokio-postgres"), Share(1.15)),
    pools("checkout", Nobody, Micros(2.0)),
    pools("mixed", Peer("underpin-sessions"), Share(1.0)),
    repository("point-1", Peer("underpin-lanes"), MicrosMore(10.0)),
    repository("patch-1", Peer("underpin-lanes"), MicrosMore(10.0)),
    repository("create-1", Peer("underpin-lanes"), MicrosMore(10.0)),
    repository("rows-10k", Fastest, Share(0.80)),
    repository("list-50", Fastest, Share(1.0)),
    repository("create-32", Peer("sqlx-best"), Times(2.0)),
    repository("bulk-100k", Peer("tokio-postgres"), Share(1.15)),
    repository("relations-100", Fastest, Share(1.0)),
];

/// Of each of our pools.
const fn pools(scenario: &'static str, against: Against, bound: Bound) -> Goal {
    Goal {
        scenario,
        ours: POOLS,
        against,
        bound,
    }
}

/// Of our repositories.
const fn repository(scenario: &'static str, against: Against, bound: Bound) -> Goal {
    Goal {
        scenario,
        ours: REPOSITORY,
        against,
        bound,
    }
}

/// Each goal whose scenario was run, for each of ours that it is about: held or missed.
pub fn table(outcomes: &[Outcome]) -> Table {
    let mut rows = Vec::new();
    for goal in &GOALS {
        let Some(outcome) = outcomes
            .iter()
            .find(|outcome| outcome.scenario.name == goal.scenario)
        else {
            continue;
        };
        for ours in goal.ours {
            rows.extend(goal.judge(outcome, *ours));
        }
    }
    Table {
        title: String::from("Goals"),
        head: vec!["scenario", "ours", "against", "goal", "measured", "verdict"],
        rows,
    }
}

impl Goal {
    /// None when one of the two did not take part.
    fn judge(&self, outcome: &Outcome, ours: Who) -> Option<Vec<String>> {
        let ours = ENTRIES.iter().find(|entry| entry.who == ours)?.name;
        let measured = outcome.headline(ours)?;
        let (name, theirs) = match self.against {
            Peer(name) if name == ours => return None,
            Peer(name) => (name, outcome.headline(name)?),
            Fastest => fastest(outcome)?,
            Nobody => ("", 1.0),
        };
        let value = match self.bound {
            MicrosMore(_) => measured - theirs,
            Times(_) | Share(_) | Micros(_) => measured / theirs,
        };
        let (goal, shown, held) = match self.bound {
            Times(least) => (
                format!("≥ {least:.1}×"),
                format!("{value:.2}×"),
                value >= least,
            ),
            Share(most) => (format!("≤ {most:.2}"), format!("{value:.2}"), value <= most),
            Micros(most) => (
                format!("≤ {most:.0} µs"),
                format!("{} µs", number(value)),
                value <= most,
            ),
            MicrosMore(most) => (
                format!("≤ {most:.0} µs more"),
                format!("{value:+.1} µs"),
                value <= most,
            ),
        };
        let verdict = if held { "held" } else { "missed" };
        Some(vec![
            self.scenario.to_owned(),
            ours.to_owned(),
            name.to_owned(),
            goal,
            shown,
            verdict.to_owned(),
        ])
    }
}

fn fastest(outcome: &Outcome) -> Option<(&'static str, f64)> {
    let headline = outcome.scenario.headline;
    let others = outcome
        .lines
        .iter()
        .filter(|line| !line.entry.who.is_ours());
    let values = others.filter_map(|line| Some((line.entry.name, line.headline(headline)?)));
    let by_value = |a: &(&str, f64), b: &(&str, f64)| a.1.total_cmp(&b.1);
    match headline {
        Headline::Rate => values.max_by(by_value),
        Headline::Median | Headline::Tail => values.min_by(by_value),
    }
}
