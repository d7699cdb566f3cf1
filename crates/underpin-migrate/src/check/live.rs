//! Which migrations a live database should have.

use super::Sides;
use crate::diff::SqlFile;
use crate::runner::status_on_session;
use crate::{Chain, Error, Standing, State, Status, Version, adopt, ledger};
use std::collections::BTreeSet;
use underpin_pool::{Options, ServerVersion, Session};

/// What the ledger of a live database says.
pub(super) struct Live {
    /// The chain, as far as it is applied.
    pub(super) applied: Chain,
    /// The other chains, as far as they are applied.
    pub(super) others: Vec<Chain>,
    pub(super) pending: Vec<Version>,
    pub(super) server_version: ServerVersion,
    pub(super) unknown_chains: Vec<String>,
    /// What the tool has left from which the chain was adopted: nobody's migrations make it.
    pub(super) left: Option<SqlFile>,
}

impl Live {
    pub(super) async fn read(options: &Options, sides: &Sides) -> Result<Self, Error> {
        let session = Session::connect(options).await;
        let session =
            session.map_err(|cause| Error::caused_by("could not open the database", cause))?;
        let (applied, pending) = applied(&session, &sides.chain).await?;
        let mut unknown_chains = ledger::read_chains(&session).await?;
        unknown_chains.retain(|it| it != sides.chain.name());
        let mut others = Vec::new();
        for chain in &sides.others {
            if let Some(place) = unknown_chains.iter().position(|it| it == chain.name()) {
                unknown_chains.remove(place);
                others.push(self::applied(&session, chain).await?.0);
            }
        }
        // Boxed: it reads a whole catalog, and only where a chain was adopted.
        let left = Box::pin(adopt::left(&session, options, sides.chain.name())).await?;
        Ok(Self {
            applied,
            others,
            pending,
            server_version: session.server_version(),
            unknown_chains,
            left,
        })
    }
}

/// The applied part of a chain, and the versions of the rest.
async fn applied(session: &Session, chain: &Chain) -> Result<(Chain, Vec<Version>), Error> {
    let status = status_on_session(session, chain).await?;
    let (mut applied, mut pending) = (BTreeSet::new(), Vec::new());
    for it in &status.migrations {
        match it.state {
            State::Applied | State::Reformatted => {
                applied.insert(it.version);
            }
            // Work on rows: the schema is as the files make it.
            State::Program => {}
            State::Pending | State::Failed => pending.push(it.version),
            _ => return Err(unclear(&status, it)),
        }
    }
    Ok((chain.only(|it| applied.contains(&it)), pending))
}

fn unclear(status: &Status, it: &Standing) -> Error {
    let (chain, version) = (&status.chain, it.version);
    let (what, hint) = match it.state {
        State::Partial | State::Reverting => (
            "is half done in the database",
            "finish it with `underpin migrate up` or `down`, then check again",
        ),
        State::Changed => (
            "was changed since it was applied",
            "restore the file, or accept it with `underpin migrate rebless`",
        ),
        _ => (
            "is applied in the database, and its file is not here",
            "restore the file, or check with the program that applied it",
        ),
    };
    Error::conflict(format!("migration {version} of chain {chain} {what}")).with_hint(hint)
}
