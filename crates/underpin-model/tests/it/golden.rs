//! The statements that write, as the derive and the repository make them.

use crate::fixture::{Fixture, user};
use crate::models::{Booking, Counter, NewNote, Note, NotePatch, State, User, UserPatch};
use crate::recorder::Recorder;
use underpin_model::{Actor, Id, Model, Repository, Set, Statements};

/// Compares with `tests/sql/<name>.sql`.
fn check(name: &str, sql: &Statements) {
    let Statements {
        insert,
        get,
        get_any,
        lock,
        delete,
        restore,
        purge,
        by_key,
        touch,
    } = sql;
    let parts = [
        ("insert", insert),
        ("get", get),
        ("get_any", get_any),
        ("lock", lock),
        ("delete", delete),
        ("restore", restore),
        ("purge", purge),
        ("by_key", by_key),
        ("touch", touch),
    ];
    let text: String = parts
        .map(|(part, sql)| format!("-- {part}\n{sql}\n"))
        .concat();
    crate::compare_with_golden_file(&format!("statements_{name}.sql"), &text);
}

#[test]
fn statements_on_one_row_are_as_recorded() {
    check("note", &Note::TABLE.sql);
    check("booking", &Booking::TABLE.sql);
    check("counter", &Counter::TABLE.sql);
}

/// What single and bulk writes send whose text depends on what is given. Nothing answers, so all of them fail.
async fn writes() -> Vec<(&'static str, String)> {
    let recorder = Recorder::default();
    let notes: Repository<Note, _> = Repository::new(&recorder);
    let users: Repository<User, _> = Repository::new(&recorder);
    let (actor, owner_id) = (Actor::user("ada"), Id::now());
    let new = || NewNote {
        title: "first".into(),
        owner_id,
        ..NewNote::default()
    };
    let given = NewNote {
        state: Some(State::Draft),
        ..new()
    };
    let patch = || NotePatch {
        title: Set("second".into()),
        priority: Set(None),
        ..NotePatch::default()
    };
    let email = |email: &str| UserPatch {
        email: Set(email.into()),
        ..UserPatch::default()
    };
    let mut sent = Vec::new();
    let mut note = |what| sent.push((what, recorder.statements().pop().unwrap()));
    notes.create(given, &actor).await.unwrap_err();
    note("create, a default given");
    notes.upsert(new(), Note::TITLE, &actor).await.unwrap_err();
    note("upsert");
    notes.upsert(new(), Note::ID, &actor).await.unwrap_err();
    note("upsert by key");
    notes.update(Id::now(), patch(), &actor).await.unwrap_err();
    note("update");
    let rows = vec![user("a@example.org"), user("b@example.org")];
    users.bulk_create(rows, &actor).await.unwrap();
    note("bulk_create");
    let rows = vec![
        (Id::now(), email("a@example.org")),
        (Id::now(), email("b@example.org")),
    ];
    users.bulk_update(rows, &actor).await.unwrap();
    note("bulk_update");
    notes.bulk_delete(&[Id::now()], &actor).await.unwrap();
    note("bulk_delete");
    sent
}

#[tokio::test]
async fn writes_are_as_recorded() {
    let entries = writes().await.into_iter();
    let entries: Vec<String> = entries
        .map(|(what, sql)| format!("-- {what}\n{sql}\n"))
        .collect();
    crate::compare_with_golden_file("writes.sql", &entries.join("\n"));
}

/// By plans that do not know the values, as PostgreSQL takes them after some runs.
#[tokio::test]
async fn writes_find_their_rows_by_the_key() {
    let fixture = Fixture::new().await;
    let session = fixture.db.database().checkout().await.unwrap();
    let rows = "INSERT INTO users (email) SELECT n || '@example.net' FROM generate_series(1, 5000) AS n;
                INSERT INTO notes (title, tags, owner_id)
                    SELECT n::text, '{}', (SELECT id FROM users LIMIT 1) FROM generate_series(1, 5000) AS n;
                ANALYZE users, notes;
                SET plan_cache_mode = force_generic_plan";
    session.batch(rows).await.unwrap();
    for (what, sql) in writes().await {
        let key = match what {
            "update" | "bulk_delete" => "notes_pkey",
            "bulk_update" => "users_pkey",
            _ => continue,
        };
        let prepare = format!("DEALLOCATE ALL; PREPARE written AS {sql}");
        session.batch(&prepare).await.unwrap();
        let parameters = (1..9).filter(|number| sql.contains(&format!("${number}")));
        let nulls = vec!["NULL"; parameters.count()].join(", ");
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE written({nulls})");
        let plan = session.query_as::<(String,)>(&explain, &[]).await.unwrap();
        let plan: Vec<String> = plan.into_iter().map(|(line,)| line).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(key), "{what}\n{plan}");
    }
    session.batch("RESET plan_cache_mode").await.unwrap();
}
