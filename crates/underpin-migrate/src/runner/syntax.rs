//! When the parser does not know a statement, PostgreSQL decides whether it is one.

use crate::Error;
use crate::plan::Plan;
use crate::progress::{Event, Progress};
use crate::sql::{Doubt, Statement};
use underpin_core::ErrorKind;
use underpin_pool::Session;

const SYNTAX_ERROR: &str = "42601";

/// Asks the server about every doubtful statement of a plan, before anything of the plan runs.
///
/// # Errors
/// [`ErrorKind::InvalidInput`], naming file, line and column, when the server sees a syntax error as well.
pub(super) async fn settle_doubts(
    session: &mut Session,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<(), Error> {
    for statement in plan.steps().iter().flat_map(|step| step.remaining()) {
        if let Some(doubt) = statement.doubt() {
            let place = statement.place();
            let message = match ask(session, statement, doubt).await? {
                Judged::Accepted => format!(
                    "{place}: PostgreSQL accepts this statement, Underpin's parser does not ({}): the parser is at \
                     fault, please report it",
                    doubt.message
                ),
                Judged::Open(error) => format!(
                    "{place}: Underpin's parser does not understand this statement ({}), and whether PostgreSQL accepts it \
                     shows only when it runs; now it says: {error}",
                    doubt.message
                ),
            };
            progress.tell(&Event::Warning { message: &message });
        }
    }
    Ok(())
}

/// What the server thinks of a statement.
enum Judged {
    /// It is SQL, and everything that it names is there.
    Accepted,
    /// It is no syntax error: what it names may be made by a statement before it, or PostgreSQL may refuse it for good.
    Open(underpin_pool::Error),
}

/// Makes the statement the body of an SQL function, which is parsed and not run, and rolls that back.
async fn ask(session: &mut Session, statement: &Statement, doubt: &Doubt) -> Result<Judged, Error> {
    let quote = quote(statement.text());
    let head =
        format!("CREATE FUNCTION pg_temp.underpin_syntax() RETURNS void LANGUAGE sql AS {quote}");
    let function = format!("{head}{}{quote}", statement.text());
    let tx = session.begin();
    let asked = match tx.batch("SET LOCAL check_function_bodies = on").await {
        Ok(()) => tx.batch(&function).await,
        Err(error) => Err(error),
    };
    let rolled_back = tx.rollback().await;
    match asked {
        Err(error) if error.code() == Some(SYNTAX_ERROR) => {
            let head = u32::try_from(head.chars().count()).unwrap_or(u32::MAX);
            let position = error.position().and_then(|it| it.checked_sub(head));
            let place = statement.place_of(position.unwrap_or(1));
            let message = format!("{place}: not SQL that PostgreSQL understands");
            Err(Error::new(ErrorKind::InvalidInput, message)
                .with_source(error)
                .with_hint("correct the statement; nothing was run"))
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let message = format!(
                "{}:{}:{}: Underpin's parser does not understand this: {}",
                statement.file(),
                doubt.line,
                doubt.column,
                doubt.message
            );
            Err(Error::new(ErrorKind::InvalidInput, message)
                .with_source(error)
                .with_hint("correct the statement, or grant TEMPORARY on the database so that the server can judge it"))
        }
        Err(error) if error.kind().is_unavailable() => Err(Error::caused_by(
            "could not ask the server about a statement",
            error,
        )),
        asked => {
            rolled_back.map_err(|error| {
                Error::caused_by("could not ask the server about a statement", error)
            })?;
            Ok(asked.map_or_else(Judged::Open, |()| Judged::Accepted))
        }
    }
}

/// A dollar quote that is not in the text.
fn quote(text: &str) -> String {
    let quotes = (0_u32..).map(|number| format!("$underpin{number}$"));
    let mut free = quotes.skip_while(|quote| text.contains(quote.as_str()));
    free.next().unwrap_or_default()
}
