//! The generated passwords of the cluster's roles, each in a file that only its owner reads.

use crate::Error;
use crate::layout::Layout;
use rand::RngExt;
use underpin_core::{ErrorKind, Secret};

/// A role of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Owns the databases; not a superuser.
    Service,
    /// The bootstrap superuser.
    Admin,
}

/// Entropy of a generated password: 256 bits.
const PASSWORD_BYTES: usize = 32;

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Service => "underpin",
            Self::Admin => "underpin_admin",
        }
    }

    /// The file with its password, in the cluster's folder.
    const fn file(self) -> &'static str {
        match self {
            Self::Service => "password",
            Self::Admin => "admin.password",
        }
    }
}

/// Makes a password.
pub(crate) fn generate() -> Secret<String> {
    let bytes: [u8; PASSWORD_BYTES] = rand::rng().random();
    // Hexadecimal digits need no quoting in a URL, in SQL or in a shell.
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Secret::new(text)
}

/// Writes a password down for this user's eyes only.
pub(crate) fn write(layout: &Layout, role: Role, password: &Secret<String>) -> Result<(), Error> {
    layout.replace(role.file(), 0o600, password.expose())
}

/// The password of a role of an existing cluster; None when the file is lost.
pub(crate) fn read(layout: &Layout, role: Role) -> Result<Option<Secret<String>>, Error> {
    let text = layout.read(role.file())?;
    let written = text.filter(|text| !text.trim().is_empty());
    Ok(written.map(|text| Secret::new(String::from(text.trim()))))
}

/// The error for a server that runs while its password is lost.
pub(crate) fn lost(layout: &Layout) -> Error {
    let file = layout.root().join(Role::Service.file());
    let message = format!(
        "the password file {} is gone while the server runs",
        file.display()
    );
    Error::new(ErrorKind::NotFound, message)
        .with_hint("stop the server with `underpin db stop`: the next start sets a new password")
}
