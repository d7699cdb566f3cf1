//! Every code of PostgreSQL's own list: what it becomes when the server lets nobody in, and in a session that goes on.

use crate::support::{options, pool_of};
use std::collections::BTreeSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use underpin_core::url::{Host, SslMode};
use underpin_pool::{Error, Session, sqlstate};

const LIST: &str = include_str!("data/sqlstate.txt");

/// One line of the list.
struct Code {
    code: &'static str,
    /// Of an error that kept us from a session.
    at_start: &'static str,
    /// Of an error after which the session goes on.
    in_session: &'static str,
    may: &'static str,
}

fn codes() -> Vec<Code> {
    let lines = LIST.lines().filter(|line| !line.is_empty());
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let &[code, _, at_start, in_session, _, may] = &words[..] else {
                panic!("not a line of the list: {line}");
            };
            Code {
                code,
                at_start,
                in_session,
                may,
            }
        })
        .collect()
}

fn check(code: &str, error: &Error, kind: &str, (again, start): (bool, bool)) {
    assert_eq!(format!("{:?}", error.kind()), kind, "{code}");
    assert_eq!(error.code(), Some(code));
    assert_eq!(error.is_retryable(), again, "{code}");
    assert_eq!(error.safe_to_retry(), start, "{code}");
}

#[tokio::test]
async fn every_code_of_the_server_is_in_the_list() {
    let db = pool_of(1).await;
    let file = db
        .query_one(
            "SELECT pg_read_file(setting || '/errcodes.txt') FROM pg_config WHERE name = 'SHAREDIR'",
            &[],
        )
        .await
        .expect("PostgreSQL installs its list beside its other data");
    let file: &str = file.get(0).unwrap();
    let of_server: BTreeSet<_> = file
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("Section:"))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(of_server.len() > 200, "{of_server:?}");
    let listed: BTreeSet<_> = codes().iter().map(|line| line.code).collect();
    let missing: Vec<_> = of_server.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn each_code_raised_by_a_statement_has_its_kind_and_the_session_goes_on() {
    let options = options(|_| {}).await;
    let session = Session::connect(&options).await.unwrap();
    let pid = async || -> i32 {
        let row = session.query_one("SELECT pg_backend_pid()", &[]).await;
        row.and_then(|row| row.get(0)).expect("the session goes on")
    };
    let before = pid().await;
    // 00000 says that all went well: RAISE refuses it.
    for line in codes().iter().filter(|line| line.code != "00000") {
        let raise = format!(
            "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$",
            line.code
        );
        let error = session.batch(&raise).await.unwrap_err();
        // Something may have been done before it was raised.
        check(
            line.code,
            &error,
            line.in_session,
            (line.may == "again", false),
        );
        assert!(!error.kind().is_unavailable(), "{}", line.code);
        // What another server lacks is not to be mended at this one.
        let is_about_this_server = line.in_session == line.at_start;
        assert!(
            is_about_this_server || error.hint().is_none(),
            "{}",
            line.code
        );
    }
    assert_eq!(pid().await, before);
}

#[tokio::test]
async fn each_code_that_keeps_us_from_a_session_has_its_kind() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = options(|_| {}).await;
    options.url.hosts = vec![Host::Tcp {
        name: String::from("127.0.0.1"),
        port: listener.local_addr().unwrap().port(),
    }];
    options.url.tls.mode = SslMode::Disable;
    for line in codes() {
        let (outcome, ()) =
            tokio::join!(Session::connect(&options), turn_away(&listener, line.code));
        let may = (line.may == "again", line.may == "start");
        check(line.code, &outcome.unwrap_err(), line.at_start, may);
        assert_eq!(
            format!("{:?}", sqlstate::kind(line.code)),
            line.at_start,
            "{}",
            line.code
        );
    }
}

/// Takes one connection, and refuses it as the server does.
async fn turn_away(listener: &TcpListener, code: &str) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let length = socket.read_u32().await.unwrap();
    let mut introduction = vec![0; length as usize - 4];
    socket.read_exact(&mut introduction).await.unwrap();
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mnobody comes in\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    socket.write_u8(b'E').await.unwrap();
    socket.write_u32(length).await.unwrap();
    socket.write_all(fields.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_statement_beyond_a_limit_of_the_servers_configuration_does_not_make_the_server_count_as_full()
 {
    let options = options(|_| {}).await;
    let session = Session::connect(&options).await.unwrap();
    let error = session
        .batch(
            "BEGIN; SET LOCAL work_mem = '64kB'; SET LOCAL temp_file_limit = '64kB'; \
             SELECT count(*) FROM (SELECT g FROM generate_series(1, 100000) g ORDER BY random()) s",
        )
        .await
        .unwrap_err();
    check("53400", &error, "OutOfResources", (false, false));
    assert!(error.hint().unwrap().contains("temp_file_limit"));
    session.batch("ROLLBACK").await.unwrap();

    // The row is too long for its index: another attempt meets the same.
    session.batch(
        "CREATE TEMP TABLE wide (t text); CREATE INDEX ON wide (t); ALTER TABLE wide ALTER t SET STORAGE plain",
    )
    .await
    .unwrap();
    let error = session
        .batch(
            "INSERT INTO wide SELECT string_agg(md5(g::text), '') FROM generate_series(1, 200) g",
        )
        .await
        .unwrap_err();
    check("54000", &error, "InvalidInput", (false, false));

    let error = session
        .batch(
            "CREATE TEMP TABLE odd (n int); \
             CREATE TEMP VIEW only_odd AS SELECT n FROM odd WHERE n % 2 = 1 WITH CHECK OPTION; \
             INSERT INTO only_odd VALUES (2)",
        )
        .await
        .unwrap_err();
    check("44000", &error, "CheckViolation", (false, false));
}
