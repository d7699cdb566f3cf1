//! Which extensions are there? None is required; vector is optional.

use super::EXTENSIONS;
use super::check::Check;
use underpin_pool::{Error, Session};

const SQL: &str =
    "SELECT default_version, installed_version FROM pg_available_extensions WHERE name = 'vector'";

pub(super) async fn check(session: &Session) -> Check {
    match vector(session).await {
        Ok(text) => Check::ok(EXTENSIONS, format!("none is required; {text}")),
        Err(error) => Check::error(EXTENSIONS, &error),
    }
}

async fn vector(session: &Session) -> Result<String, Error> {
    let Some(row) = session.query_opt(SQL, &[]).await? else {
        return Ok(String::from(
            "vector (optional, for embeddings) is not on this server",
        ));
    };
    let (available, installed): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
    Ok(match (installed, available) {
        (Some(version), _) => format!("vector (optional) {version} is installed"),
        (None, Some(version)) => {
            format!("vector (optional) {version} is available, not created in this database")
        }
        (None, None) => String::from("vector (optional) is listed by the server without a version"),
    })
}
