//! How a start goes: look for a running server, else make the cluster and launch one.
//!
//! 1. Take the start lock: one process at a time.
//! 2. A server runs on the folder: wait until it is ready, and attach.
//! 3. None runs: choose the account, check the way to the folder, choose the binaries; initdb if there is no cluster yet;
//!    launch.
//! 4. Take a share of the users lock, before the start lock is let go: from now on nobody stops the server under us.

use crate::account::Account;
use crate::layout::Layout;
use crate::lock::Lock;
use crate::password::{self, Role};
use crate::postmaster::{Postmaster, State};
use crate::record::Record;
use crate::roles::{self, Passwords};
use crate::wait::Deadline;
use crate::{Binaries, Cluster, Error, Lifetime, Settings, create, launch};
use std::time::Duration;
use underpin_core::ErrorKind;

/// How long the file of a server that starts this very moment may stay empty.
const WRITING_DEADLINE: Duration = Duration::from_secs(1);

/// What a cluster is made and launched with, once that is settled.
#[derive(Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) settings: &'a Settings,
    pub(crate) account: Account,
    pub(crate) binaries: Binaries,
    pub(crate) deadline: Deadline,
}

/// The whole start, under the start lock. Blocks.
pub(crate) fn start(settings: &Settings) -> Result<Cluster, Error> {
    start_or_attach(settings).map_err(|error| {
        if settings.interrupt.is_raised() {
            let message = "the start of the cluster was interrupted";
            return Error::new(ErrorKind::Cancelled, message).with_source(error);
        }
        error
    })
}

fn start_or_attach(settings: &Settings) -> Result<Cluster, Error> {
    let deadline = Deadline::after(settings.start_deadline).unless(&settings.interrupt);
    let layout = Layout::create(&settings.data_dir)?;
    let _start = Lock::start(&layout, &deadline)?;
    let (postmaster, passwords, started_by_us) = match wait_until_settled(&layout, &deadline)? {
        Some(postmaster) => attach(&layout, settings, postmaster)?,
        None => match start_server(&layout, settings, &deadline) {
            Ok((postmaster, passwords)) => (postmaster, passwords, true),
            // Someone who knows nothing of our lock may have started one meanwhile.
            Err(error) => match wait_until_settled(&layout, &deadline) {
                Ok(Some(postmaster)) => attach(&layout, settings, postmaster)?,
                _ => return Err(error),
            },
        },
    };
    let major = create::existing_major(&layout)?.ok_or_else(|| {
        Error::new(
            ErrorKind::Internal,
            "a server runs on a data folder without PG_VERSION",
        )
    })?;
    if let Some(wanted) = settings.major.filter(|wanted| *wanted != major) {
        return Err(other_major(&layout, major, wanted));
    }
    let users = Lock::user(&layout)?;
    tracing::info!(data_dir = %layout.root().display(), port = postmaster.port, major, started_by_us, "the local cluster is ready");
    Ok(Cluster {
        layout,
        postmaster,
        major,
        passwords,
        started_by_us,
        stop_deadline: settings.stop_deadline,
        users,
    })
}

fn attach(
    layout: &Layout,
    settings: &Settings,
    postmaster: Postmaster,
) -> Result<(Postmaster, Passwords, bool), Error> {
    keep_if_asked(layout, settings, &postmaster)?;
    let service = password::read(layout, Role::Service)?;
    let passwords = Passwords {
        service: service.ok_or_else(|| password::lost(layout))?,
        admin: password::read(layout, Role::Admin)?,
    };
    Ok((postmaster, passwords, false))
}

/// Makes the cluster when it is missing, and starts its server.
fn start_server(
    layout: &Layout,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<(Postmaster, Passwords), Error> {
    let existing = create::existing_major(layout)?;
    if let (Some(existing), Some(wanted)) = (existing, settings.major)
        && existing != wanted
    {
        return Err(other_major(layout, existing, wanted));
    }
    let account = account(layout, settings, existing)?;
    account.check_passage(layout.root())?;
    let binaries = Binaries::choose(settings, existing, &account)?;
    let chosen = Chosen {
        layout,
        settings,
        account,
        binaries,
        deadline: deadline.clone(),
    };
    let passwords = match existing {
        None => create::create(&chosen)?,
        Some(_) => roles::settle(&chosen)?,
    };
    let postmaster = launch::launch(&chosen)?;
    Ok((postmaster, passwords))
}

/// The user that runs the server of this folder.
pub(crate) fn account(
    layout: &Layout,
    settings: &Settings,
    existing: Option<u32>,
) -> Result<Account, Error> {
    match (existing, layout.data_folder()?) {
        (Some(_), Some(data)) => Account::owner_of(&data),
        _ => Account::choose(settings.run_as.as_deref()),
    }
}

/// The server that runs, once it is ready; None when there is none, or when it was just stopping and is gone.
fn wait_until_settled(layout: &Layout, deadline: &Deadline) -> Result<Option<Postmaster>, Error> {
    Deadline::after(WRITING_DEADLINE)
        .poll(|| Ok::<_, Error>((!Postmaster::is_being_written(layout)?).then_some(())))?;
    let settled = deadline.poll(|| {
        Ok::<_, Error>(match Postmaster::running(layout)? {
            None => Some(None),
            Some(postmaster) if matches!(postmaster.state, State::Ready | State::Standby) => {
                Some(Some(postmaster))
            }
            Some(_) => None,
        })
    })?;
    settled.ok_or_else(|| {
        let message = format!(
            "the server on {} has been starting or stopping for {} s",
            layout.data().display(),
            deadline.budget.as_secs()
        );
        Error::new(ErrorKind::Timeout, message)
            .with_hint(format!("look at {}, and try again", layout.log().display()))
    })
}

/// The caller insists on a major version that this cluster does not have.
fn other_major(layout: &Layout, existing: u32, wanted: u32) -> Error {
    let data_dir = layout.root().display();
    let message =
        format!("the cluster in {data_dir} is PostgreSQL {existing}, but {wanted} is asked for");
    Error::new(ErrorKind::Unsupported, message)
        .with_hint("choose another folder with UNDERPIN_DATA_DIR")
}

/// A caller that wants the server to outlive it gets that also from one that runs already.
fn keep_if_asked(
    layout: &Layout,
    settings: &Settings,
    postmaster: &Postmaster,
) -> Result<(), Error> {
    match Record::of(layout, postmaster)? {
        Some(record)
            if settings.lifetime == Lifetime::UntilStopped
                && record.lifetime != settings.lifetime =>
        {
            Record {
                lifetime: settings.lifetime,
                ..record
            }
            .write(layout)
        }
        _ => Ok(()),
    }
}
