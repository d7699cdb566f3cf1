//! The generated password of the cluster's role, in a file that only its owner reads.

use crate::Error;
use crate::layout::Layout;
use rand::RngExt;
use underpin_core::{ErrorKind, Secret};

/// The role that owns the cluster.
pub(crate) const ROLE: &str = "underpin";

/// The file, in the cluster's folder.
const FILE: &str = "password";

/// Entropy of a generated password: 256 bits.
const PASSWORD_BYTES: usize = 32;

/// Makes a password.
pub(crate) fn generate() -> Secret<String> {
    let bytes: [u8; PASSWORD_BYTES] = rand::rng().random();
    // Hexadecimal digits need no quoting in a URL, in SQL or in a shell.
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Secret::new(text)
}

/// Writes the password down for this user's eyes only.
pub(crate) fn write(layout: &Layout, password: &Secret<String>) -> Result<(), Error> {
    layout.replace(FILE, 0o600, password.expose())
}

/// The password of an existing cluster; None when the file is lost.
pub(crate) fn read(layout: &Layout) -> Result<Option<Secret<String>>, Error> {
    let text = layout.read(FILE)?;
    let written = text.filter(|text| !text.trim().is_empty());
    Ok(written.map(|text| Secret::new(String::from(text.trim()))))
}

/// The error for a server that runs while its password is lost.
pub(crate) fn lost(layout: &Layout) -> Error {
    let message = format!(
        "the password file {} is gone while the server runs",
        layout.root().join(FILE).display()
    );
    Error::new(ErrorKind::NotFound, message)
        .with_hint("stop the server with `underpin db stop`: the next start sets a new password")
}
