//! `local.*`: the embedded cluster.

use super::kind::{Folder, Optional, UserName};
use super::reader::Reader;
use super::setting::Setting;
use std::path::PathBuf;

/// `local.*`
#[derive(Debug, Clone, Default)]
pub struct LocalSettings {
    /// `UNDERPIN_POSTGRES_BIN`: the folder of PostgreSQL's binaries.
    pub postgres_bin: Option<PathBuf>,
    /// `UNDERPIN_DATA_DIR`: the folder of the embedded cluster.
    pub data_dir: Option<PathBuf>,
    /// `UNDERPIN_LOCAL_USER`: the user that runs the server when this process is root.
    pub user: Option<String>,
}

const FOLDER: Optional<Folder> = Optional {
    kind: Folder,
    absent: "auto",
};

const USER: Optional<UserName> = Optional {
    kind: UserName,
    absent: "auto",
};

impl LocalSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let Self {
            postgres_bin,
            data_dir,
            user,
        } = Self::default();
        Self {
            postgres_bin: reader.get(
                Setting {
                    key: "local.postgres_bin",
                    variable: "UNDERPIN_POSTGRES_BIN",
                    about: "The folder of PostgreSQL's programs (`initdb`, `postgres`); `auto` looks in the usual places.",
                },
                &FOLDER,
                postgres_bin,
            ),
            data_dir: reader.get(
                Setting {
                    key: "local.data_dir",
                    variable: "UNDERPIN_DATA_DIR",
                    about: "The folder of the embedded cluster; `auto` is `$XDG_DATA_HOME/underpin` (`~/.local/share/underpin`), and \
                            for root, whatever `XDG_DATA_HOME` says, `/var/lib/underpin`.",
                },
                &FOLDER,
                data_dir,
            ),
            user: reader.get(
                Setting {
                    key: "local.user",
                    variable: "UNDERPIN_LOCAL_USER",
                    about: "The user that runs a new cluster when Underpin runs as root, which PostgreSQL refuses to; `auto` \
                            is `postgres`. A cluster that is there already is run by the owner of its files.",
                },
                &USER,
                user,
            ),
        }
    }
}
