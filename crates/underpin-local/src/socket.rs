//! Where the server listens: a Unix socket whose path fits, and a free loopback port.

use crate::Error;
use crate::account::Account;
use crate::files::Folder;
use crate::layout::{Layout, make_owned_folder};
use crate::places;
use sha2::{Digest, Sha256};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;

/// `sun_path` of the smallest supported system (macOS: 104 bytes with the final zero; Linux has 108).
const PATH_BYTES_MAX: usize = 103;

/// A folder for the socket, made and private; None when no folder is short enough, then there is only TCP.
pub(crate) fn folder(layout: &Layout, account: &Account) -> Result<Option<PathBuf>, Error> {
    let own = layout.socket();
    if fits(&own) {
        return Ok(Some(cleared(&layout.make_socket(account)?)));
    }
    let name = format!("underpin-{}-{}", account.uid(), short_hash(layout.root()));
    for parent in places::runtime_folders() {
        if fits(&parent.join(&name))
            && account.check_passage(&parent).is_ok()
            && let Some(folder) = private_folder(&parent, &name, account)
        {
            return Ok(Some(cleared(&folder)));
        }
    }
    tracing::info!(data_dir = %layout.root().display(), "no folder is short enough for a Unix socket: the cluster listens on TCP only");
    Ok(None)
}

/// A folder in a place that everybody may write to. One that someone else put there, or that others may look into, is not
/// used.
fn private_folder(parent: &Path, name: &str, account: &Account) -> Option<Folder> {
    let parent = Folder::open(parent).ok()?;
    let folder = make_owned_folder(&parent, name, account).ok()?;
    let (owner, _, mode) = folder.owner().ok()?;
    (owner == account.uid() && mode & 0o077 == 0 && fits(folder.path())).then_some(folder)
}

/// Without the sockets and lock files of a server that was killed. Called when no server runs on the data folder; the socket
/// folder serves no other.
fn cleared(folder: &Folder) -> PathBuf {
    for name in folder.names().unwrap_or_default() {
        if name.as_bytes().starts_with(b".s.PGSQL.") {
            // What cannot be removed makes the server fail with its own message.
            let _ = folder.remove(&name);
        }
    }
    folder.path().to_path_buf()
}

/// A loopback port that is free now: the one of last time if possible. The server may still lose the race for it.
pub(crate) fn free_port(preferred: Option<u16>) -> Result<u16, Error> {
    let try_port = |port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| listener.local_addr())
    };
    let preferred = preferred.and_then(|port| try_port(port).ok());
    let address = match preferred {
        Some(address) => address,
        None => try_port(0).map_err(|cause| {
            Error::new(ErrorKind::OutOfResources, "no loopback port is free").with_source(cause)
        })?,
    };
    Ok(address.port())
}

/// A folder as a value of `unix_socket_directories`, which is a list: quoted, quotes doubled.
pub(crate) fn as_setting(folder: Option<&Path>) -> String {
    let quoted = |folder: &str| format!("\"{}\"", folder.replace('"', "\"\""));
    folder
        .and_then(Path::to_str)
        .map(quoted)
        .unwrap_or_default()
}

fn fits(folder: &Path) -> bool {
    let longest = folder.join(".s.PGSQL.65535");
    // The setting is text for PostgreSQL, and libpq takes a comma for the end of one host of several.
    longest.as_os_str().as_bytes().len() <= PATH_BYTES_MAX
        && folder.to_str().is_some_and(|text| !text.contains(','))
}

fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    digest
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_limit_fits_and_one_more_byte_does_not() {
        let folder = |bytes: usize| PathBuf::from(format!("/{}", "x".repeat(bytes - 1)));
        assert!(fits(&folder(PATH_BYTES_MAX - "/.s.PGSQL.65535".len())));
        assert!(!fits(&folder(PATH_BYTES_MAX - "/.s.PGSQL.65535".len() + 1)));
    }

    #[test]
    fn a_folder_with_a_comma_and_a_quote_stays_one_folder() {
        assert_eq!(
            as_setting(Some(Path::new("/a, \"b\""))),
            "\"/a, \"\"b\"\"\""
        );
        assert_eq!(as_setting(None), "");
    }

    #[test]
    fn the_port_of_last_time_is_taken_when_it_is_free_and_another_when_not() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        assert_ne!(free_port(Some(port)).unwrap(), port);
        drop(held);
        assert_eq!(free_port(Some(port)).unwrap(), port);
    }
}
