//! `local.*`: the embedded cluster.

use super::kind::{Folder, Optional};
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
}

const FOLDER: Optional<Folder> = Optional {
    kind: Folder,
    absent: "auto",
};

impl LocalSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let Self {
            postgres_bin,
            data_dir,
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
                    about: "The folder of the embedded cluster; `auto` is a folder of the user's own.",
                },
                &FOLDER,
                data_dir,
            ),
        }
    }
}
