//! `environment`: what is allowed where the program runs.

use super::kind::{Choice, Kind};
use super::problem::Problem;
use super::reader::{Layer, Reader};
use super::setting::Setting;

/// Where the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// The embedded cluster is allowed, and `.env` is read.
    #[default]
    Development,
    /// Refuses the embedded cluster, weak TLS to remote hosts and missing secrets.
    Production,
}

const ENVIRONMENT: Setting = Setting {
    key: "environment",
    variable: "ENVIRONMENT",
    about: "`production` refuses the embedded cluster and an `sslmode` below `verify-full` for hosts that are not \
            local, and does not read `.env`.",
};

const WORDS: Choice<Environment> = Choice(&[
    ("development", Environment::Development),
    ("production", Environment::Production),
]);

impl Environment {
    /// Reads it before all others, because it decides whether `.env` is read at all.
    pub(super) fn read(reader: &mut Reader) -> Self {
        let environment = reader.get(ENVIRONMENT, &WORDS, Self::default());
        if environment == Self::Development {
            reader.open_dotenv();
            if let Some(found) = reader.variable(Layer::Dotenv, ENVIRONMENT.variable)
                && WORDS.parse(&found.text) != Ok(Self::Development)
            {
                reader.problem(
                    Problem::new(format!(
                        "environment ({}) can only be development there",
                        found.origin
                    ))
                    .with_hint(
                        "set ENVIRONMENT in the environment: `.env` is read in development only",
                    ),
                );
            }
        }
        environment
    }
}
