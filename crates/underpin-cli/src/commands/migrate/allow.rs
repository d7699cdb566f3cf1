//! What is done although it destroys something.

use super::source::argument;
use underpin_migrate::diff::{Allowed, Permission};

/// What a change may destroy.
#[derive(Debug, clap::Args)]
pub(super) struct Allow {
    /// Allow what this rule warns of, as in ban-drop-table or rule30; undeclared-rename for a drop beside an addition
    /// that looks like it
    #[arg(long, value_name = "RULE", value_parser = argument::<Permission>)]
    allow: Vec<Permission>,

    /// Allow everything
    #[arg(long)]
    allow_all: bool,
}

impl Allow {
    pub(super) fn allowed(&self) -> Allowed {
        let Self { allow, allow_all } = self;
        let mut allowed = Allowed {
            all: *allow_all,
            ..Allowed::default()
        };
        allowed.extend(allow.iter().cloned());
        allowed
    }
}
