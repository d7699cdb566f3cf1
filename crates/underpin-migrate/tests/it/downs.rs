//! What a way back is said to destroy, against what it does destroy: many ways back on one database with rows.

mod cases;
mod oracle;
mod random;

use crate::support::{Project, text};
use cases::{KEEPING, LOSING, RESHAPING};
use oracle::{Facts, Vanished};
use underpin_core::{Chain, ErrorKind};
use underpin_migrate::{Direction, Loss, Lost, Target};

const FIXTURE: &str = include_str!("downs/fixture.sql");

/// How many random ways back are tried; `UNDERPIN_TEST_ROUNDS` asks for more, from `UNDERPIN_TEST_SEED` on.
const ROUNDS: u64 = 60;
const FIRST: u64 = 1;

#[derive(Default)]
struct Tally {
    tried: usize,
    failed: Vec<String>,
    losses: usize,
    missed: Vec<String>,
    false_alarms: Vec<String>,
}

impl Tally {
    #[expect(clippy::print_stdout, reason = "says what was tried")]
    fn told(&self, what: &str) {
        println!(
            "{what}: {} downs tried, {} fail by themselves, {} lose something, {} missed, {} false alarms",
            self.tried,
            self.failed.len(),
            self.losses,
            self.missed.len(),
            self.false_alarms.len()
        );
        for it in &self.false_alarms {
            println!("false alarm: {it}");
        }
        assert!(
            self.missed.is_empty(),
            "missed:\n{}",
            self.missed.join("\n")
        );
    }

    /// Compares what is said of a way back with what it does.
    async fn compare(&mut self, project: &Project, before: &Facts, down: &str) {
        self.tried += 1;
        let losses = counted(project, down).await;
        let vanished = match run_and_take_back(project, before, down).await {
            Ok(vanished) => vanished,
            Err(reason) => return self.failed.push(format!("{down}: {reason}")),
        };
        let lost = vanished.rows > 0 || vanished.values > 0;
        self.losses += usize::from(lost);
        let said = losses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n  ");
        if !covers(&losses, &vanished) {
            self.missed
                .push(format!("{down}\n  vanished: {vanished:?}\n  said: {said}"));
        }
        if !lost && !losses.is_empty() {
            self.false_alarms.push(format!("{down}\n  {said}"));
        }
    }
}

fn covers(losses: &[Loss], vanished: &Vanished) -> bool {
    let sum = |kinds: &[Lost]| {
        let counts = losses
            .iter()
            .filter(|it| kinds.contains(&it.what))
            .map(|it| it.count);
        i64::try_from(counts.sum::<u64>()).unwrap_or(i64::MAX)
    };
    if sum(&[Lost::Unknown]) > 0 {
        return true;
    }
    let rows = sum(&[Lost::Rows, Lost::Deleted]);
    let values = sum(&[Lost::Values, Lost::Casts, Lost::Overwritten]);
    // A row that is made again counts as rows lost, and its old values vanish.
    rows >= vanished.rows && rows + values >= vanished.rows + vanished.values
}

async fn project() -> Project {
    let project = Project::new(&[]).await;
    let fixture = here(&project, FIXTURE).await;
    project.write("1_a.up", fixture);
    project
        .up()
        .await
        .unwrap_or_else(|error| panic!("{}", text(&error)));
    project
}

/// Some builds of PostgreSQL come without extensions: a domain then stands for the type that goes.
async fn here(project: &Project, sql: &str) -> String {
    let is_there = "SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'citext'";
    if project.ask(is_there).await == "true" {
        return sql.to_owned();
    }
    let sql = sql.replace(
        "CREATE EXTENSION IF NOT EXISTS citext SCHEMA public",
        "CREATE DOMAIN public.citext AS text",
    );
    sql.replace("DROP EXTENSION citext", "DROP DOMAIN public.citext")
}

async fn counted(project: &Project, down: &str) -> Vec<Loss> {
    project.write("1_a.down", here(project, down).await);
    let migrator = project.migrator();
    let plan = migrator.plan(Direction::Down, Target::All).await;
    let plan = plan.unwrap_or_else(|error| panic!("{down}: {}", text(&error)));
    let losses = migrator.losses(&plan).await;
    losses.unwrap_or_else(|error| panic!("{down}: {}", text(&error)))
}

/// All that the fixture has.
async fn facts(project: &Project) -> Facts {
    let mut session = project.session().await;
    let tx = session.begin();
    let facts = Facts::read(&tx, &Facts::default()).await.expect("facts");
    tx.rollback().await.expect("rollback");
    facts
}

/// What a way back destroys, or why it fails.
async fn run_and_take_back(
    project: &Project,
    before: &Facts,
    down: &str,
) -> Result<Vanished, String> {
    let mut session = project.session().await;
    let tx = session.begin();
    let vanished = match tx.batch(&here(project, down).await).await {
        Ok(()) => before.vanished(&tx).await,
        Err(error) => Err(error),
    };
    tx.rollback().await.expect("rollback");
    vanished.map_err(|error| Chain(&error).to_string())
}

#[tokio::test]
async fn what_written_ways_back_destroy_is_counted() {
    let project = project().await;
    let facts = facts(&project).await;
    let mut tally = Tally::default();
    let mut tame = Vec::new();
    for down in LOSING {
        let before = tally.losses;
        tally.compare(&project, &facts, down).await;
        if tally.losses == before {
            tame.push(down);
        }
    }
    tally.told("written downs that lose");
    assert_eq!(tally.failed, [""; 0], "they work");
    assert!(tame.is_empty(), "these lose nothing:\n{}", tame.join("\n"));
    assert_eq!(
        project.ask("SELECT count(*) FROM app.log").await,
        "2",
        "counting changes nothing"
    );
}

#[tokio::test]
async fn what_destroys_nothing_passes_without_a_flag() {
    let project = project().await;
    let facts = facts(&project).await;
    let mut tally = Tally::default();
    for down in KEEPING {
        tally.compare(&project, &facts, down).await;
    }
    tally.told("written downs that keep");
    assert_eq!(tally.failed, [""; 0], "they work");
    assert_eq!(tally.losses, 0, "they keep all");
    for down in RESHAPING {
        let losses = counted(&project, down).await;
        assert!(losses.is_empty(), "{down}: {losses:?}");
    }
    assert!(
        tally.false_alarms.is_empty(),
        "{}",
        tally.false_alarms.join("\n")
    );
}

#[tokio::test]
async fn what_random_ways_back_destroy_is_counted() {
    let project = project().await;
    let facts = facts(&project).await;
    let mut tally = Tally::default();
    let first = number("UNDERPIN_TEST_SEED").unwrap_or(FIRST);
    for seed in first..first + number("UNDERPIN_TEST_ROUNDS").unwrap_or(ROUNDS) {
        let missed = tally.missed.len();
        tally.compare(&project, &facts, &random::down(seed)).await;
        if let Some(it) = tally.missed.get_mut(missed) {
            it.insert_str(
                0,
                &format!("UNDERPIN_TEST_SEED={seed} UNDERPIN_TEST_ROUNDS=1\n"),
            );
        }
    }
    tally.told("random downs");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told how long to try, and has no Config"
)]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn what_loses_something_is_refused_and_changes_nothing() {
    let project = project().await;
    let facts = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM app.log AS t";
    let before = project.ask(facts).await;
    for down in LOSING.iter().step_by(6) {
        project.write("1_a.down", here(&project, down).await);
        let error = project.migrator().down(Target::All).await.expect_err(down);
        assert_eq!(error.kind(), ErrorKind::Refused, "{down}: {}", text(&error));
        assert_eq!(project.ask(facts).await, before, "{down}");
    }
}

#[tokio::test]
async fn what_keeps_all_is_run() {
    for down in KEEPING.iter().step_by(5) {
        let project = project().await;
        project.write("1_a.down", here(&project, down).await);
        let ran = project.migrator().down(Target::All).await;
        ran.unwrap_or_else(|error| panic!("{down}: {}", text(&error)));
    }
}
