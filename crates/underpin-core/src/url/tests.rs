//! Both forms, good and bad, in tables.

use super::*;
use crate::Chain;

/// Parses, prints masked, and parses what `expose` prints into the same value.
fn check(text: &str, masked: &str) {
    let url: DatabaseUrl = text
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {}", Chain(&error)));
    assert_eq!(url.to_string(), masked, "{text}");
    assert_eq!(url.expose().parse::<DatabaseUrl>().unwrap(), url, "{text}");
}

fn check_error(text: &str, message: &str) {
    let error = text.parse::<DatabaseUrl>().expect_err(text);
    assert_eq!(error.to_string(), message, "{text}");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{text}");
}

#[test]
fn urls_are_normalised_and_masked() {
    check(
        "postgres://app@localhost",
        "postgresql://app@localhost:5432/app",
    );
    check(
        "postgresql://app:hunter2@127.0.0.1:6000/notes",
        "postgresql://app:********@127.0.0.1:6000/notes",
    );
    check(
        "postgresql+asyncpg://app@localhost/notes?ssl=require",
        "postgresql://app@localhost:5432/notes?sslmode=require",
    );
    check(
        "POSTGRES://app@localhost/",
        "postgresql://app@localhost:5432/app",
    );
    check(
        "postgres://app@[::1]:7000/notes",
        "postgresql://app@[::1]:7000/notes",
    );
    check("postgres://app@[::1]", "postgresql://app@[::1]:5432/app");
    check(
        "postgres://app@db1:5432,db2:5433/n",
        "postgresql://app@db1:5432,db2:5433/n?sslmode=verify-full",
    );
    check(
        "postgres://app@db1,[::1]/n?sslmode=prefer",
        "postgresql://app@db1:5432,[::1]:5432/n?sslmode=prefer",
    );
    check(
        "postgres://app@%2Frun%2Fpostgresql/n",
        "postgresql://app@%2Frun%2Fpostgresql:5432/n",
    );
    check(
        "postgres://app@%2Ftmp%2Fa%20b%2Cc:5433/n",
        "postgresql://app@%2Ftmp%2Fa%20b%2Cc:5433/n",
    );
    check(
        "postgres://app@/n?host=/run/postgresql",
        "postgresql://app@%2Frun%2Fpostgresql:5432/n",
    );
    check(
        "postgres://app@db1,db2/n?host=/run/postgresql&port=1",
        "postgresql://app@%2Frun%2Fpostgresql:1/n",
    );
    check(
        "postgres:///n?user=app&password=x&host=::1",
        "postgresql://app:********@[::1]:5432/n",
    );
    check(
        "postgres://a%40b:p%40%2F%3A%25@localhost/a%2Fb%20c",
        "postgresql://a%40b:********@localhost:5432/a%2Fb%20c",
    );
    check(
        "postgres://app:p:?#w@localhost/n",
        "postgresql://app:********@localhost:5432/n",
    );
    check(
        "postgres://app:@localhost/n",
        "postgresql://app@localhost:5432/n",
    );
    check(
        "postgres://app@localhost/n?sslmode=allow",
        "postgresql://app@localhost:5432/n",
    );
    check(
        "postgres://app@localhost/n?dbname=other&user=me",
        "postgresql://me@localhost:5432/other",
    );
}

#[test]
fn words_are_read_with_libpq_quoting() {
    check(
        "host=localhost user=app dbname=notes",
        "postgresql://app@localhost:5432/notes",
    );
    check(
        " host = localhost\tuser\n=\r\napp ",
        "postgresql://app@localhost:5432/app",
    );
    check(
        "user=app password='it\\'s a \\\\secret' port=1",
        "postgresql://app:********@localhost:1/app",
    );
    check(
        "user=app dbname=two\\ words",
        "postgresql://app@localhost:5432/two%20words",
    );
    check(
        "user=app password='' host=/tmp",
        "postgresql://app@%2Ftmp:5432/app",
    );
    check(
        "user=app password='a://b=c' host=''",
        "postgresql://app:********@localhost:5432/app",
    );
    check(
        "user=app host=a,b port=1,2 sslmode=disable",
        "postgresql://app@a:1,b:2/app?sslmode=disable",
    );
    check(
        "user=app host=a,b port=6 sslmode=disable",
        "postgresql://app@a:6,b:6/app?sslmode=disable",
    );
    let url: DatabaseUrl = "user=app password='it\\'s a \\\\secret'".parse().unwrap();
    assert_eq!(url.password.unwrap().expose(), "it's a \\secret");
}

#[test]
fn every_parameter_reaches_its_field() {
    let text = "postgres://app@db/n?sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem\
        &channel_binding=require&target_session_attrs=primary&load_balance_hosts=random\
        &application_name=demo&options=-c%20geqo%3Doff&connect_timeout=7";
    let url: DatabaseUrl = text.parse().unwrap();
    let expected = DatabaseUrl {
        hosts: vec![Host::Tcp {
            name: String::from("db"),
            port: 5432,
        }],
        user: String::from("app"),
        password: None,
        database: String::from("n"),
        tls: TlsSettings {
            mode: SslMode::VerifyCa,
            root_cert: Some(PathBuf::from("/ca.pem")),
            cert: Some(PathBuf::from("/c.pem")),
            key: Some(PathBuf::from("/k.pem")),
            channel_binding: ChannelBinding::Require,
        },
        target_session_attrs: TargetSessionAttrs::Primary,
        load_balance_hosts: true,
        application_name: Some(String::from("demo")),
        options: Some(String::from("-c geqo=off")),
        connect_timeout: Some(Duration::from_secs(7)),
    };
    assert_eq!(url, expected);
    let without_binding = text.replace("=require", "=disable");
    for text in [text, &without_binding] {
        let url: DatabaseUrl = text.parse().unwrap();
        assert_eq!(
            url.to_string().parse::<DatabaseUrl>().unwrap(),
            url,
            "without a password nothing is masked"
        );
    }
    for parameter in PARAMETERS {
        let error = Parts::default()
            .set(parameter.name, String::from("1"))
            .err();
        assert!(
            error.is_none(),
            "{} is documented but not understood",
            parameter.name
        );
    }
}

#[test]
fn remote_hosts_must_prove_their_identity_unless_told_otherwise() {
    let mode = |text: &str| text.parse::<DatabaseUrl>().unwrap().tls.mode;
    assert_eq!(mode("postgres://app@localhost"), SslMode::Prefer);
    assert_eq!(mode("postgres://app@%2Ftmp,127.0.0.5"), SslMode::Prefer);
    assert_eq!(mode("postgres://app@db.example.com"), SslMode::VerifyFull);
    assert_eq!(mode("postgres://app@localhost,db"), SslMode::VerifyFull);
    assert_eq!(
        mode("postgres://app@localhost?sslrootcert=system"),
        SslMode::VerifyFull
    );
    assert_eq!(mode("postgres://app@db?sslmode=disable"), SslMode::Disable);
}

#[test]
fn local_means_sockets_and_loopback() {
    let check = |text: &str, local: bool| {
        assert_eq!(
            text.parse::<DatabaseUrl>().unwrap().is_local(),
            local,
            "{text}"
        );
    };
    check("postgres://app@LocalHost", true);
    check("postgres://app@127.8.8.8", true);
    check("postgres://app@[::ffff:127.0.0.1]", true);
    check("postgres://app@%2Fvar%2Frun", true);
    check("postgres://app@10.0.0.1", false);
    check("postgres://app@localhost.example.com", false);
    check("postgres://app@localhost,10.0.0.1", false);
}

#[test]
fn what_is_wrong_is_named() {
    check_error("", "the database URL is empty");
    check_error("garbage", "the text is not a database URL");
    check_error("localhost:5432/notes", "the text is not a database URL");
    check_error(
        "mysql://app@localhost/n",
        "the scheme \"mysql\" is not PostgreSQL's",
    );
    check_error("postgres://", "the database URL names no user");
    check_error("postgres://localhost/n", "the database URL names no user");
    check_error(
        "postgres://app@localhost:banana/n",
        "the port of host 1 is not a number from 1 to 65535",
    );
    check_error(
        "postgres://app@a:1,b:0/n",
        "the port of host 2 is not a number from 1 to 65535",
    );
    check_error(
        "postgres://app@localhost:65536/n",
        "the port of host 1 is not a number from 1 to 65535",
    );
    check_error(
        "postgres://app@::1/n",
        "host 1 contains more than one colon",
    );
    check_error(
        "postgres://app@[::1/n",
        "the brackets of host 1 do not enclose an IPv6 address",
    );
    check_error(
        "postgres://app@[::1]5/n",
        "the brackets of host 1 do not enclose an IPv6 address",
    );
    check_error(
        "postgres://app@[db]/n",
        "the brackets of host 1 do not enclose an IPv6 address",
    );
    check_error(
        "postgres://app@[1:2]/n",
        "host 1 is neither a name, an address nor an absolute folder",
    );
    check_error(
        "postgres://app@run%2Fpg/n",
        "host 1 is neither a name, an address nor an absolute folder",
    );
    check_error(
        "postgres://app@localhost/n ",
        "the URL contains white space or a control character",
    );
    check_error(
        "postgres://app@localhost/a/b",
        "the database name contains a slash",
    );
    check_error(
        "postgres://app@localhost/%00",
        "the database name contains %00, which PostgreSQL cannot take",
    );
    check_error(
        "postgres://a%ff@localhost/n",
        "the user is not UTF-8 once its %XX are decoded",
    );
    check_error(
        "postgres://app@localhost/n?sslmode",
        "a parameter after the question mark has no value",
    );
    check_error(
        "postgres://app@localhost/n?sslmod=require",
        "unknown parameter \"sslmod\"",
    );
    check_error(
        "postgres://app@localhost/n?sslmode=on",
        "parameter \"sslmode\" cannot be \"on\"",
    );
    check_error(
        "postgres://app@h/n?target_session_attrs=replica",
        "parameter \"target_session_attrs\" cannot be \"replica\"",
    );
    check_error(
        "postgres://app@h/n?load_balance_hosts=1",
        "parameter \"load_balance_hosts\" cannot be \"1\"",
    );
    check_error(
        "postgres://app@h/n?connect_timeout=-1",
        "parameter \"connect_timeout\" cannot be \"-1\"",
    );
    check_error(
        "postgres://app@h/n?connect_timeout=5s",
        "parameter \"connect_timeout\" cannot be \"5s\"",
    );
    check_error(
        "postgres://app@h/n?sslcert=/c.pem",
        "parameter \"sslcert\" is given without sslkey",
    );
    check_error(
        "postgres://app@h/n?sslrootcert=system&sslmode=require",
        "parameter \"sslrootcert\" is `system`, which needs sslmode=verify-full",
    );
    check_error(
        "postgres://app@h/n?channel_binding=require&sslmode=disable",
        "parameter \"channel_binding\" is `require`, which sslmode=disable rules out",
    );
    check_error(
        "host=a,b,c port=1,2 user=app",
        "2 ports are given for 3 hosts",
    );
    check_error("host localhost user=app", "a word has no `=` after it");
    check_error(
        "host='localhost user=app",
        "the quote of parameter \"host\" is not closed",
    );
    check_error("host=localhost usr=app", "unknown parameter \"usr\"");
    let long = format!("postgres://app@localhost/{}", "x".repeat(100_000));
    check_error(&long, "the database URL is longer than 16384 bytes");
}

#[test]
fn every_kind_of_server_is_read_and_written() {
    for kind in TargetSessionAttrs::ALL {
        let text = format!("postgres://app@h/n?target_session_attrs={}", kind.as_str());
        let url: DatabaseUrl = text.parse().unwrap();
        assert_eq!(url.target_session_attrs, kind);
        assert_eq!(url.to_string().parse::<DatabaseUrl>().unwrap(), url);
    }
}

#[test]
fn only_a_preference_takes_a_second_round() {
    use TargetSessionAttrs::{Any, PreferStandby, Standby};
    for kind in TargetSessionAttrs::ALL {
        let expected: &[_] = if kind == PreferStandby {
            &[Standby, Any]
        } else {
            &[kind]
        };
        assert_eq!(kind.rounds(), expected);
    }
}

#[test]
fn hints_say_what_is_allowed() {
    let hint = |text: &str| {
        String::from(
            text.parse::<DatabaseUrl>()
                .unwrap_err()
                .hint()
                .unwrap_or_default(),
        )
    };
    assert!(hint("postgres://app@h/n?sslmod=x").contains("allowed parameters: host, port, user"));
    assert!(
        hint("postgres://app@h/n?target_session_attrs=replica")
            .contains("`standby`, `prefer-standby`")
    );
    assert!(hint("garbage").contains("postgres://USER:PASSWORD@HOST:5432/DATABASE"));
    assert!(hint("mysql://x").contains("postgresql+asyncpg"));
}

#[test]
fn no_error_repeats_a_piece_of_the_password() {
    let check = |text: &str| {
        let error = text.parse::<DatabaseUrl>().expect_err(text);
        let shown = format!("{} {:?} {error:?}", Chain(&error), error.hint());
        for piece in ["qux", "zyx", "wvw"] {
            assert!(!shown.contains(piece), "{text}: {shown}");
        }
    };
    check("postgres://app:qux@zyx@wvw/n");
    check("postgres://app:qux/zyx@wvw/n");
    check("postgres://app:1/qux?zyx=wvw@localhost/n");
    check("postgres://app:qux/zyx?wvw@localhost/n");
    check("postgres://app:qux%zzzyx@localhost/n");
    check("postgres://app:qux%ffzyx@localhost/n");
    check("postgres://app:qux%00zyx@localhost/n");
    check("postgres://app:qux zyx@localhost/n");
    check("postgres://app:quxzyx@localhost/n?sslmode=bogus");
    check("postgres://app:quxzyx@localhost:wvw/n");
    check("host=localhost password=qux zyx user=app");
    check("host=localhost password=qux zyx=wvw user=app");
    check("host=localhost password='qux zyx");
    check("host=localhost password=qux'zyx wvw");
}

#[test]
fn debug_masks_the_password_and_expose_does_not() {
    let url: DatabaseUrl = "postgres://app:hunter2@localhost/n".parse().unwrap();
    assert!(!format!("{url:?} {url:#?} {url}").contains("hunter2"));
    assert_eq!(url.expose(), "postgresql://app:hunter2@localhost:5432/n");
}

#[test]
fn another_database_keeps_everything_else() {
    let url: DatabaseUrl = "postgres://app:x@db/n?application_name=demo"
        .parse()
        .unwrap();
    let other = url.with_database("a b");
    assert_eq!(
        other.to_string(),
        "postgresql://app:********@db:5432/a%20b?sslmode=verify-full&application_name=demo"
    );
    assert_eq!(other.with_database("n"), url);
}
