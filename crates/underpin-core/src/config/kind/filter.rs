//! Log filters: `info`, or `underpin_pool=debug,info`.

use super::Kind;

/// A filter of `tracing`, checked here because a misspelt level would silence the log without a word.
pub(in crate::config) struct Filter;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl Kind for Filter {
    type Value = String;

    fn allowed(&self) -> String {
        format!(
            "{}, or a list such as underpin_pool=debug,info",
            LEVELS.join(", ")
        )
    }

    fn parse(&self, text: &str) -> Result<String, &'static str> {
        let mut directives = text.split(',').map(str::trim);
        directives
            .all(is_directive)
            .then(|| String::from(text))
            .ok_or("is not a log filter")
    }

    fn show(&self, value: &String) -> String {
        value.clone()
    }
}

/// A level, or `target=level`.
fn is_directive(text: &str) -> bool {
    let (target, level) = text.rsplit_once('=').unwrap_or(("all", text));
    let plain = |c: char| c.is_ascii_graphic() && c != '=';
    let is_level = LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level));
    is_level && !target.is_empty() && target.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_lists_are_filters() {
        for text in [
            "info",
            "WARN",
            "off",
            "underpin_pool=debug,info",
            "a::b=trace, error",
        ] {
            assert_eq!(Filter.parse(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_misspelt_level_is_not_a_filter() {
        for text in [
            "",
            "verbose",
            "warning",
            "info,",
            "=info",
            "underpin=loud",
            "a b=info",
            "a=b=info",
        ] {
            assert_eq!(Filter.parse(text), Err("is not a log filter"), "{text}");
        }
    }
}
