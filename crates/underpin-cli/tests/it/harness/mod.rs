//! Runs the real binary in a world of its own and states what must come out.
//!
//! ```ignore
//! let sandbox = Sandbox::new();
//! sandbox.underpin(["verify"]).env("DATABASE_URL", &url).run().is(0, "ok url: [..]\n...", "");
//! let service = sandbox.underpin(["serve", "--listen", "127.0.0.1:0"]).start();
//! ```

mod http;
mod pattern;
mod process;
mod sandbox;

pub(crate) use http::get;
pub(crate) use process::{Finished, Running};
pub(crate) use sandbox::{Invocation, Sandbox};

use std::time::Duration;

/// How long any single wait of an end-to-end test may take: long enough for a machine on which twenty others compile.
pub(crate) const DEADLINE: Duration = Duration::from_secs(150);
