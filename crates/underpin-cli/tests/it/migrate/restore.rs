//! Bringing back what a way back has kept.

use super::project::Project;

#[tokio::test]
async fn kept_rows_are_listed_shown_asked_about_and_restored() {
    let project = Project::new(&[
        (
            "1_notes.up",
            "CREATE TABLE notes (id int PRIMARY KEY, a text);",
        ),
        ("1_notes.down", "DROP TABLE notes;"),
    ])
    .await;
    project.migrate("up").is(0, "...", "...");
    project
        .sql("INSERT INTO notes VALUES (1, 'one'), (2, 'two')")
        .await;
    project.migrate("restore --list").is(0, "nothing to do", "");
    project
        .migrate("down --yes --quarantine")
        .is(0, "...", "...");
    let listed = "underpin_quarantine.\"notes_1\": 2 rows of table public.notes, kept since [..] from 20240101000001";
    project.migrate("restore --list").is(0, listed, "");
    assert_eq!(project.json("restore --list")[0]["rows"], 2);
    project.migrate("restore --all --yes").is(
        3,
        "",
        "error: there is no table public.notes to take its rows back\n\nhint: [..]`underpin migrate up`[..]",
    );
    project.migrate("up").is(0, "...", "...");
    project.migrate("restore").is(2, "", "error: [..]\n...");
    project.migrate("restore other_1").is(
        1,
        "",
        "error: the quarantine keeps nothing called other_1\n\nhint: `underpin migrate restore --list`[..]",
    );
    project.sql("INSERT INTO notes VALUES (2, 'new')").await;
    let left = "1 row of table public.notes; 1 row stay in underpin_quarantine.\"notes_1\": duplicate key[..]";
    project.migrate("restore 20240101000001").is(
        3,
        "",
        &format!("{left}\nerror: nobody can be asked, and this would restore 1 copy\n\nhint: add --yes[..]"),
    );
    let dry_run = format!("would restore {left}");
    project
        .migrate("restore notes_1 --dry-run")
        .is(0, &dry_run, "");
    let restored = project.json("restore notes_1 --yes");
    assert_eq!(restored[0]["restored"], 1);
    assert_eq!(restored[0]["left"], 1);
    assert_eq!(restored[0]["object"], "table public.notes");
    project.sql("DELETE FROM notes WHERE id = 2").await;
    project
        .migrate("restore underpin_quarantine.notes_1 --yes")
        .is(0, "restored 1 row of table public.notes", "");
    let rows = project
        .ask("SELECT string_agg(a, ' ' ORDER BY id) FROM notes")
        .await;
    assert_eq!(rows, "one two");
    project
        .migrate("restore --all --yes")
        .is(0, "nothing to do", "");
}
