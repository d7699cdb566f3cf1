//! Files that come late, and two heads: what touches different objects runs, the rest stops with exit code 6.

use super::project::{Project, path};

const USERS: (&str, &str) = ("1_users.up", "CREATE TABLE users (id int PRIMARY KEY);");
const NOTES: (&str, &str) = ("3_notes.up", "CREATE TABLE notes (u int REFERENCES users);");
const LATE: &str = "2_late.up";

#[tokio::test]
async fn a_late_file_that_touches_other_objects_is_applied_with_a_note() {
    let project = Project::new(&[USERS, NOTES]).await;
    project.migrate("up").is(0, "...", "...");
    project.write(LATE, "CREATE TABLE tags (u int REFERENCES users);");
    project.migrate("up").is(
        0,
        "applied 20240101000002 late [..]",
        &format!(
            "...\nwarning: {} is older than 20240101000003, which is applied already: it touches other objects than those \
             applied after it",
            path(LATE)
        ),
    );
    project.migrate("current").is(0, "20240101000003", "");
    project.migrate("up").is(0, "nothing to do", "");
}

#[tokio::test]
async fn a_late_file_that_touches_the_same_object_stops_with_both_names_and_the_way_out() {
    let project = Project::new(&[USERS, NOTES]).await;
    project.migrate("up").is(0, "...", "...");
    let refused = |why: &str| {
        project.migrate("up").is(
            6,
            "",
            &format!(
                "error: {} is older than {}, which is applied already, and {why}\n\n\
                 hint: give the file a later version[..]--out-of-order",
                path(LATE),
                path(NOTES.0)
            ),
        );
    };
    project.write(LATE, "ALTER TABLE users ADD COLUMN name text;");
    refused("both touch users");
    project.write(LATE, "DO $$ BEGIN END $$;");
    refused(&format!(
        "what {} touches only running it would tell",
        path(LATE)
    ));
    project.write(LATE, "ALTER TABLE users ADD COLUMN name text;");
    project.migrate("up --out-of-order").is(
        0,
        "applied 20240101000002 late [..]",
        "...\nwarning: [..]: applied late, as asked",
    );
}

#[tokio::test]
async fn two_heads_whose_branches_touch_different_objects_are_merged() {
    let project = Project::new(&[
        USERS,
        (
            "2_tags.up",
            "-- underpin: parent=20240101000001\nCREATE TABLE tags (u int REFERENCES users);",
        ),
        (
            "3_notes.up",
            "-- underpin: parent=20240101000001\nCREATE TABLE notes (u int REFERENCES users);",
        ),
    ])
    .await;
    let heads = "2 heads, which no migration follows together: 20240101000002, 20240101000003";
    project
        .migrate("status")
        .is(0, "...", &format!("...\n{heads}"));
    project.migrate("up").is(
        0,
        "applied [..] users [..]\napplied [..] tags [..]\napplied [..] notes [..]",
        "...\nwarning: 2 heads, 20240101000002 and 20240101000003: their branches touch different objects",
    );
    project.migrate("up").is(0, "nothing to do", "");
    project
        .migrate("current")
        .is(0, "20240101000002\n20240101000003", "");
    let status = project.json("status");
    assert_eq!(status["heads"].as_array().unwrap().len(), 2);
    assert_eq!(status["applied_heads"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn two_heads_that_touch_the_same_object_stop_until_a_file_follows_both() {
    let project = Project::new(&[
        USERS,
        (
            "2_name.up",
            "-- underpin: parent=20240101000001\nALTER TABLE users ADD COLUMN name text;",
        ),
        (
            "3_mail.up",
            "-- underpin: parent=20240101000001\nALTER TABLE users ADD COLUMN mail text;",
        ),
    ])
    .await;
    let stopped = format!(
        "error: two heads: {} and {} stand side by side, and both touch users\n\n\
         hint: [..]`-- underpin: parent=20240101000002,20240101000003`[..]--out-of-order",
        path("2_name.up"),
        path("3_mail.up")
    );
    project.migrate("up").is(6, "", &format!("...\n{stopped}"));
    assert_eq!(
        project.ask("SELECT to_regclass('users')").await,
        "null",
        "nothing was run"
    );
    project.write(
        "4_merge.up",
        "-- underpin: parent=20240101000002,20240101000003\n-- both add a column\n",
    );
    project.migrate("up").is(
        0,
        "applied [..] users [..]\napplied [..] name [..]\napplied [..] mail [..]\napplied [..] merge (0 statements, [..] ms)",
        "...",
    );
    project.migrate("current").is(0, "20240101000004", "");
}

/// One branch reached this database first; its sister comes with the merge.
#[tokio::test]
async fn a_branch_that_comes_late_is_applied_when_a_file_follows_both() {
    let name = "-- underpin: parent=20240101000001\nALTER TABLE users ADD COLUMN name text;";
    let mail = "-- underpin: parent=20240101000001\nALTER TABLE users ADD COLUMN mail text;";
    let project = Project::new(&[USERS, ("3_mail.up", mail)]).await;
    project.migrate("up").is(0, "...", "...");
    project.write("2_name.up", name);
    project.migrate("up").is(
        6,
        "",
        "error: [..]2_name.up.sql is older than [..]3_mail.up.sql[..]\n...",
    );
    project.write(
        "4_merge.up",
        "-- underpin: parent=20240101000002,20240101000003\n",
    );
    project.migrate("up").is(
        0,
        "applied 20240101000002 name [..]\napplied 20240101000004 merge [..]",
        "...",
    );
    assert_eq!(
        project.ask("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0").await,
        "id mail name"
    );
}

#[tokio::test]
async fn going_ahead_with_two_heads_can_be_asked_for_once() {
    let project = Project::new(&[
        USERS,
        (
            "2_name.up",
            "-- underpin: parent=20240101000001\nALTER TABLE users ADD COLUMN name text;",
        ),
        (
            "3_mail.up",
            "-- underpin: parent=20240101000001\nALTER TABLE users ADD COLUMN mail text;",
        ),
    ])
    .await;
    project.migrate("up").is(6, "", "...");
    project
        .migrate("up --out-of-order")
        .is(0, "[..]\n[..]\n[..]", "...");
    project.migrate("up").is(0, "nothing to do", "");
}

#[tokio::test]
async fn a_parent_that_is_wrong_is_named() {
    let project = Project::new(&[USERS]).await;
    for (header, wrong) in [
        ("parent=20240101000009", "is not older than this file"),
        ("parent=20230101000000", "is not in the folder"),
    ] {
        project.write("2_b.up", &format!("-- underpin: {header}\nSELECT 1;"));
        project.migrate("status").is(
            1,
            "",
            &format!("error: [..]2_b.up.sql: {header} {wrong}\n\nhint: [..]")
                .replace("parent=", "parent "),
        );
    }
    project.write(
        "2_b.up",
        "-- underpin: parent=20240101000001,20240101000001\nSELECT 1;",
    );
    project.migrate("status").is(
        1,
        "",
        "error: [..]2_b.up.sql:1:1: parent=20240101000001 is given twice\n...",
    );
}
