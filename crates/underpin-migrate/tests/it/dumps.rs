//! Files as `pg_dump` writes them: lines for psql, and rows after COPY.

use crate::diff::support::{Server, all, sql};
use crate::support::{Project, text};
use underpin_core::ErrorKind;
use underpin_migrate::State;
use underpin_migrate::diff::{Source, difference};

const DUMP: &str = "\
\\restrict h8Zk2

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.notes (id integer NOT NULL, body text);

COPY public.notes (id, body) FROM stdin;
1\tit's; a $$ \\\\. \\\"quote\\\"
2\t\\N
3\té
\\.


COPY public.notes (id, body) FROM stdin WITH (FORMAT csv);
4,\"a, b\"
\\.

COPY public.notes (id, body) FROM stdin;
\\.

ALTER TABLE ONLY public.notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id);

\\unrestrict h8Zk2
";

#[tokio::test]
async fn a_dump_is_applied_as_a_migration_with_its_rows() {
    let project = Project::new(&[("1_dump.up", DUMP)]).await;
    let report = project.up().await;
    let report = report.unwrap_or_else(|error| panic!("{}", text(&error)));
    assert!(
        report.warnings.iter().any(|it| it.contains("\\restrict")),
        "{:?}",
        report.warnings
    );
    let rows =
        "SELECT string_agg(id || '=' || coalesce(body, 'NULL'), '|' ORDER BY id) FROM public.notes";
    assert_eq!(
        project.ask(rows).await,
        "1=it's; a $$ \\. \"quote\"|2=NULL|3=é|4=a, b"
    );
    assert_eq!(project.states().await, [State::Applied]);
    // The rows are a part of what was applied.
    project.write("1_dump.up", DUMP.replace("2\t\\N", "2\tchanged"));
    assert_eq!(project.states().await, [State::Changed]);
}

#[tokio::test]
async fn rows_that_do_not_fit_take_the_whole_transaction_back() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\nx\n\\.\n",
    )])
    .await;
    let error = project.up().await.expect_err("no number");
    assert!(
        text(&error).contains(":2:1: statement 2 of 2"),
        "{}",
        text(&error)
    );
    assert_eq!(project.ask("SELECT to_regclass('t')").await, "null");
}

#[tokio::test]
async fn a_dump_is_a_source_with_its_rows_and_told_of() {
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let plain = "CREATE TABLE public.notes (id integer PRIMARY KEY, body text)";
    // Rows that a later statement of the file depends on.
    let dump =
        format!("{DUMP}\nDO $$ BEGIN ASSERT (SELECT count(*) FROM public.notes) = 4; END $$;");
    let found = difference(
        &scratch,
        &sql("dump.sql", &dump),
        &sql("b.sql", plain),
        &all(),
    )
    .await;
    let found = found.unwrap_or_else(|error| panic!("{}", text(&error)));
    assert!(found.is_empty(), "{}", found.up);
    assert!(
        scratch
            .notes()
            .iter()
            .any(|it| it.contains("dump.sql") && it.contains("\\restrict")),
        "{:?}",
        scratch.notes()
    );
    let project = Project::new(&[("1_dump.up", DUMP)]).await;
    let chain = Source::Migrations(project.chain().expect("a chain"));
    let found = difference(&scratch, &chain, &sql("b.sql", plain), &all()).await;
    assert!(found.expect("comparable").is_empty());
    scratch.close().await.expect("closed");
}

#[tokio::test]
async fn other_commands_of_psql_are_refused_by_name() {
    for command in ["connect other", "i file.sql", "set x 1", "copy t from file"] {
        let project = Project::new(&[("1_a.up", &format!("SELECT 1;\n\\{command}\n"))]).await;
        let error = project.up().await.expect_err(command);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", text(&error));
        let name = command.split(' ').next().unwrap_or_default();
        let said = text(&error);
        assert!(
            said.contains(&format!(":2:1: \\{name} is a command of psql")),
            "{said}"
        );
    }
}

#[tokio::test]
async fn another_encoding_is_refused_before_anything_runs() {
    for change in [
        "SET client_encoding = 'LATIN1'",
        "SET NAMES 'LATIN1'",
        "SELECT set_config('client_encoding', 'LATIN1', false)",
    ] {
        let file = format!("CREATE TABLE t (a text);\n{change};\nINSERT INTO t VALUES ('é');");
        let project = Project::new(&[("1_a.up", &file)]).await;
        let error = project.up().await.expect_err(change);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", text(&error));
        assert!(text(&error).contains(":2:"), "{}", text(&error));
        assert_eq!(project.ask("SELECT to_regclass('t')").await, "null");
    }
    // Where no text shows it, the connection ends and the transaction is taken back.
    let hidden =
        "DO $$ BEGIN EXECUTE format('SET %s = %L', 'client_' || 'encoding', 'LATIN1'); END $$";
    let file = format!("CREATE TABLE t (a text);\n{hidden};\nINSERT INTO t VALUES ('é');");
    let project = Project::new(&[("1_a.up", &file)]).await;
    let error = project.up().await.expect_err(hidden);
    assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
    assert_eq!(project.ask("SELECT to_regclass('t')").await, "null");
}
