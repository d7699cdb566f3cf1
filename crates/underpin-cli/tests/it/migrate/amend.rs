//! Changing the ledger without running anything: `stamp` and `rebless`.

use super::project::{Project, path};

const FILES: [(&str, &str); 3] = [
    ("1_a.up", "CREATE TABLE a (x int);"),
    ("2_b.up", "CREATE TABLE b (x int);"),
    ("3_c.up", "CREATE TABLE c (x int);"),
];

#[tokio::test]
async fn stamp_records_up_to_a_version_and_runs_nothing() {
    let project = Project::new(&FILES).await;
    project.migrate("stamp --to 20240101000009").is(
        1,
        "",
        "error: there is no migration 20240101000009 in migrations\n\nhint: [..]",
    );
    project.migrate("stamp --to 20240101000002").is(
        0,
        "stamped 20240101000001 a\nstamped 20240101000002 b",
        "",
    );
    assert_eq!(project.ask("SELECT to_regclass('a')").await, "null");
    project
        .migrate("up")
        .is(0, "applied 20240101000003 c [..]", "...");
    project.migrate("stamp").is(0, "nothing to do", "");
    project.migrate("history").is(
        0,
        "20240101000001 a  applied (stamp) [..]\n20240101000002 b  applied (stamp) [..]\n20240101000003 c  applied 2[..]\n...",
        "",
    );
    assert_eq!(project.json("history")[0]["origin"], "stamp");
}

#[tokio::test]
async fn a_half_applied_migration_that_was_finished_by_hand_is_stamped() {
    let project =
        Project::new(&[("1_a.up", "CREATE TABLE a (x int);\nVACUUM;\nSELECT nope;")]).await;
    project.migrate("up").is(1, "", "...");
    project
        .migrate("status")
        .is(0, "[..]partial at 2 of 3[..]", "...");
    assert_eq!(project.json("stamp")["migrations"][0]["slug"], "a");
    project.migrate("up").is(0, "nothing to do", "");
    let history = project.json("history");
    assert_eq!(
        history[0]["state"], "applying",
        "what had run is kept: {history:#}"
    );
    assert_eq!(history[0]["replaced"]["by"], "stamp");
    assert_eq!(history[0]["statements"].as_array().unwrap().len(), 3);
    assert_eq!(history[1]["origin"], "stamp");
}

#[tokio::test]
async fn rebless_accepts_a_changed_file_for_a_reason_that_is_kept() {
    let project = Project::new(&FILES).await;
    project.migrate("up").is(0, "...", "...");
    project.write("1_a.up", "CREATE TABLE a (x bigint);");
    let changed = format!(
        "...\nerror: {} was changed [..]\n\nhint: [..]rebless 20240101000001 --reason[..]",
        path("1_a.up")
    );
    project.migrate("up").is(6, "", &changed);
    project
        .migrate("rebless 20240101000001")
        .is(2, "", "error: [..]\n  --reason <TEXT>\n...");
    let rebless = || {
        let command = project.command("rebless 20240101000001 --reason");
        command.arg("already bigint in production").run()
    };
    rebless().is(0, "accepted the file of 20240101000001 as it is now", "");
    project.migrate("up").is(0, "nothing to do", "");
    project.migrate("status --exit-code").is(0, "...", "...");
    project.migrate("history").is(
        0,
        "20240101000001 a  applied [..]; then rebless [..] by underpin: already bigint in production\n...",
        "",
    );
    rebless().is(
        0,
        "nothing to do: the file of 20240101000001 is as it was applied",
        "",
    );
    let rounds = project.json("history").as_array().unwrap().len();
    assert_eq!(rounds, 4, "accepting what is unchanged leaves no trace");
}

#[tokio::test]
async fn rebless_needs_an_applied_migration_with_a_file_and_a_reason() {
    let project = Project::new(&FILES).await;
    let rebless = |version: &str, reason: &str| {
        let command = project.command(&format!("rebless {version} --reason"));
        command.arg(reason).run()
    };
    rebless("20240101000001", "why").is(3, "", "error: [..]is not applied[..]\n\nhint: [..]");
    rebless("20240101000009", "why").is(
        1,
        "",
        "error: there is no migration 20240101000009[..]\n\nhint: [..]",
    );
    rebless("20240101000001", "  ").is(1, "", "error: rebless without a reason\n\nhint: [..]");
    project.migrate("up").is(0, "...", "...");
    project.remove("1_a.up");
    rebless("20240101000001", "why").is(3, "", "error: [..]its file is missing\n\nhint: [..]");
}

#[tokio::test]
async fn a_file_without_statements_is_told_about_before_it_is_missed() {
    let project = Project::new(&[("1_a.up", "-- to be written"), ("1_a.down", "-- nothing")]).await;
    let warned = |file: &str| format!("...\nwarning: {} has no statement[..]", path(file));
    project
        .migrate("up")
        .is(0, "applied [..](0 statements[..]", &warned("1_a.up"));
    project
        .migrate("down --yes")
        .is(0, "reverted [..]", "reverting [..]");
    project.write("2_b.up", "CREATE TABLE b (x int);");
    project.write("2_b.down", "-- to be written");
    project.migrate("up").is(0, "...", &warned("1_a.up"));
    project
        .migrate("down --yes")
        .is(0, "reverted [..]", &warned("2_b.down"));
    let link = project.sandbox.work().join(path("4_d.up"));
    std::os::unix::fs::symlink("/no/such/file", link).unwrap();
    let unreadable = format!("error: could not read {}\n...", path("4_d.up"));
    project.migrate("status").is(1, "", &unreadable);
}
