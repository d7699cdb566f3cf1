//! The sum file: what two branches conflict in, and what holds a folder to what somebody has looked at.

use super::project::{Project, path};

const FILES: [(&str, &str); 2] = [
    ("1_a.up", "CREATE TABLE a (x int);"),
    ("1_a.down", "DROP TABLE a;"),
];

#[tokio::test]
async fn a_folder_with_a_sum_file_is_held_against_it_by_every_command() {
    let project = Project::new(&FILES).await;
    project
        .migrate("sum")
        .is(0, "migrations/underpin.sum", "sums of 2 files");
    project.migrate("up").is(0, "applied [..]", "...");
    project.write("1_a.down", "-- as it was\r\nDROP TABLE a;\r\n");
    project.migrate("status").is(0, "...", "...");

    project.write("1_a.down", "DROP TABLE IF EXISTS a;");
    let refused = format!(
        "error: the files are not those of migrations/underpin.sum: {} was changed\n\nhint: [..]`underpin migrate sum`[..]",
        path("1_a.down").trim_start_matches("migrations/")
    );
    for command in ["up", "down", "verify", "check", "status", "new --empty b"] {
        project.migrate(command).is(6, "", &refused);
    }
    project.migrate("sum").is(
        0,
        "...",
        "20240101000001_a.down.sql was changed\nsums of 2 files",
    );
    let summed = project.json("sum");
    assert_eq!(summed["files"], 2);
    assert_eq!(summed["changes"].as_array().unwrap().len(), 0);
    project.migrate("down --yes").is(0, "reverted [..]", "...");
}

#[tokio::test]
async fn what_writes_files_keeps_the_sum_file_up_to_date() {
    let project = Project::new(&FILES).await;
    project.write("2_b.up", "CREATE TABLE b (x int);");
    project.migrate("sum").is(0, "...", "sums of 3 files");
    project.migrate("new --empty c").is(0, "...", "next: [..]");
    project.migrate("status").is(0, "...", "...");
    project
        .migrate("squash --to 20240101000002 --yes")
        .is(0, "...", "...");
    project.migrate("status").is(0, "...", "...");
    assert_eq!(project.json("sum")["files"], 3);
}
