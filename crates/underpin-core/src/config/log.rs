//! `log.*`: what is logged, and how it looks.

use super::kind::{Choice, Filter, Optional};
use super::reader::Reader;
use super::setting::Setting;

/// `log.*`
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// A `tracing` filter: `info`, `underpin_pool=debug,info`.
    pub level: String,
    /// `pretty`, `json`, or by terminal when None.
    pub format: Option<LogFormat>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

const FORMATS: Optional<Choice<LogFormat>> = Optional {
    kind: Choice(&[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)]),
    absent: "auto",
};

impl LogSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            level: reader.get(
                Setting {
                    key: "log.level",
                    variable: "LOG_LEVEL",
                    about: "What is logged: a level for everything, or levels for modules and one for the rest.",
                },
                &Filter,
                String::from("info"),
            ),
            format: reader.get(
                Setting {
                    key: "log.format",
                    variable: "LOG_FORMAT",
                    about: "How log lines look; `auto` is `pretty` on a terminal and `json` elsewhere.",
                },
                &FORMATS,
                None,
            ),
        }
    }
}
