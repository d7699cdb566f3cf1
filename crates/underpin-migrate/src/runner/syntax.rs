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
            ask(session, statement, doubt).await?;
            let message = format!(
                "{}: PostgreSQL knows this statement, Underpin's parser does not ({}): the parser is at fault, please \
                 report it",
                statement.place(),
                doubt.message
            );
            progress.tell(&Event::Warning { message: &message });
        }
    }
    Ok(())
}

/// Makes the statement the body of an SQL function, which is parsed and not run, and rolls that back.
async fn ask(session: &mut Session, statement: &Statement, doubt: &Doubt) -> Result<(), Error> {
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
        // Anything else, such as a table that does not exist yet, means that it was understood.
        _ => rolled_back
            .map_err(|error| Error::caused_by("could not ask the server about a statement", error)),
    }
}

/// A dollar quote that is not in the text.
fn quote(text: &str) -> String {
    let quotes = (0_u32..).map(|number| format!("$underpin{number}$"));
    let mut free = quotes.skip_while(|quote| text.contains(quote.as_str()));
    free.next().unwrap_or_default()
}
