//! `database.url`: one URL, or variables that are put together.

use super::problem::Problem;
use super::reader::{Found, Layer, Reader};
use super::setting::{Origin, Setting};
use crate::DatabaseUrl;
use crate::url::{PARAMETERS, ParseError, Parts};

/// `database.*`
#[derive(Debug, Clone, Default)]
pub struct DatabaseSettings {
    /// None: the embedded cluster.
    pub url: Option<DatabaseUrl>,
}

const URL: Setting = Setting {
    key: "database.url",
    variable: "DATABASE_URL",
    about: "The database, see [below](#the-database-url). Without one, a private PostgreSQL cluster is started.",
};

/// The value that asks for the embedded cluster, over a weaker source.
const EMBEDDED: &str = "embedded";

/// The role when `POSTGRES_USER` is not set, as in the container image that made these variables common.
const POSTGRES_USER: &str = "postgres";

/// The variables of many deployments, by libpq's parameter.
const POSTGRES: [(&str, &str); 5] = [
    ("host", "POSTGRES_SERVER"),
    ("port", "POSTGRES_PORT"),
    ("user", "POSTGRES_USER"),
    ("password", "POSTGRES_PASSWORD"),
    ("dbname", "POSTGRES_DB"),
];

/// Variables of libpq that decide where to connect and are not understood here.
const UNSUPPORTED: [&str; 2] = ["PGHOSTADDR", "PGSERVICE"];

impl DatabaseSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let said = reader
            .flag(URL.key)
            .map(|found| whole(reader, found))
            .or_else(|| said_by_variables(reader, Layer::Environment))
            .or_else(|| said_by_variables(reader, Layer::Dotenv))
            .or_else(|| reader.value(URL.key).map(|found| whole(reader, found)));
        if said.is_none() {
            refuse_half_a_server(reader);
        }
        let Said { url, origin } = said.unwrap_or(Said {
            url: Ok(None),
            origin: Origin::Default,
        });
        let url = url.unwrap_or_else(|cause| {
            let message = format!("{} ({origin}) cannot be used", URL.key);
            let hint = cause.hint().map(String::from).unwrap_or_default();
            reader.problem(Problem::new(message).with_hint(hint).with_cause(cause));
            None
        });
        let shown = url
            .as_ref()
            .map_or_else(|| String::from(EMBEDDED), DatabaseUrl::to_string);
        let allowed = format!("a URL or libpq's key=value words, or {EMBEDDED}");
        reader.known(URL, shown, origin, String::from(EMBEDDED), allowed);
        Self { url }
    }
}

/// What the strongest source says.
struct Said {
    url: Result<Option<DatabaseUrl>, ParseError>,
    origin: Origin,
}

fn whole(reader: &mut Reader, Found { text, origin }: Found) -> Said {
    let url = if text.eq_ignore_ascii_case(EMBEDDED) {
        Ok(None)
    } else {
        DatabaseUrl::parse(&text, system_user(reader).as_deref()).map(Some)
    };
    Said { url, origin }
}

/// `DATABASE_URL`, else `POSTGRES_SERVER` and its like, else `PGHOST` or `PGDATABASE` and theirs.
fn said_by_variables(reader: &mut Reader, layer: Layer) -> Option<Said> {
    if let Some(found) = reader.variable(layer, URL.variable) {
        return Some(whole(reader, found));
    }
    let libpq = || {
        PARAMETERS
            .iter()
            .map(|parameter| (parameter.name, parameter.variable))
    };
    if let Some(server) = reader.variable(layer, POSTGRES[0].1) {
        // These five say nothing about TLS and the like: libpq's variables do.
        let rest = libpq().filter(|(name, _)| POSTGRES.iter().all(|(known, _)| known != name));
        let variables: Vec<_> = POSTGRES.into_iter().chain(rest).collect();
        return Some(put_together(
            reader,
            &server.origin,
            &variables,
            Some(POSTGRES_USER),
        ));
    }
    let mut triggers = ["PGHOST", "PGDATABASE"].into_iter();
    let first = triggers.find_map(|name| reader.variable(layer, name))?;
    refuse_unsupported(reader);
    let user = system_user(reader);
    let variables: Vec<_> = libpq().collect();
    Some(put_together(
        reader,
        &first.origin,
        &variables,
        user.as_deref(),
    ))
}

/// Makes one URL of several variables; each may stand in the environment or in `.env`.
fn put_together(
    reader: &mut Reader,
    first: &Origin,
    variables: &[(&str, &str)],
    user: Option<&str>,
) -> Said {
    let mut parts = Parts::default();
    let mut used = Vec::new();
    let mut result = Ok(());
    for (name, variable) in variables {
        if let Some(found) = merged(reader, variable) {
            used.push(*variable);
            result = result.and_then(|()| parts.set(name, found.text));
        }
    }
    let used = used.join(", ");
    let origin = match first {
        Origin::Dotenv { line, .. } => Origin::Dotenv {
            variable: used,
            line: *line,
        },
        _ => Origin::Environment(used),
    };
    let url = result.and_then(|()| parts.resolve(user)).map(Some);
    Said { url, origin }
}

fn merged(reader: &mut Reader, variable: &str) -> Option<Found> {
    let found = reader.variable(Layer::Environment, variable);
    found.or_else(|| reader.variable(Layer::Dotenv, variable))
}

/// The role of a URL that names none, as in libpq: the name of the user at the keyboard.
fn system_user(reader: &mut Reader) -> Option<String> {
    let mut names = ["USER", "LOGNAME"].into_iter();
    names
        .find_map(|name| reader.variable(Layer::Environment, name))
        .map(|found| found.text)
}

/// Someone who sets a user or a database means a server, not the embedded cluster.
fn refuse_half_a_server(reader: &mut Reader) {
    let mut lonely = ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"].into_iter();
    if let Some(found) = lonely.find_map(|name| merged(reader, name)) {
        let message = format!(
            "{} ({}) says how to log in, but POSTGRES_SERVER is not set",
            URL.key, found.origin
        );
        reader.problem(Problem::new(message).with_hint(
            "set POSTGRES_SERVER (and POSTGRES_PORT) or DATABASE_URL; \
             for the embedded cluster set DATABASE_URL=embedded",
        ));
    }
}

fn refuse_unsupported(reader: &mut Reader) {
    for name in UNSUPPORTED {
        if merged(reader, name).is_some() {
            let problem = Problem::new(format!("{name} is not supported"));
            reader.problem(
                problem.with_hint("unset it and name the server with PGHOST, or set DATABASE_URL"),
            );
        }
    }
}
