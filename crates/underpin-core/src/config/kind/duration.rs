//! Spans of time: `500ms`, `5s`, `2m`, `1h`; a bare number is seconds.

use super::{Kind, OUT_OF_RANGE};
use std::ops::RangeInclusive;
use std::time::Duration;

/// A span of time in a range.
pub(in crate::config) struct Span(pub(in crate::config) RangeInclusive<Duration>);

impl Kind for Span {
    type Value = Duration;

    fn allowed(&self) -> String {
        format!(
            "{} to {} (units ms, s, m, h)",
            show(*self.0.start()),
            show(*self.0.end())
        )
    }

    fn parse(&self, text: &str) -> Result<Duration, &'static str> {
        let duration = parse(text)?;
        self.0
            .contains(&duration)
            .then_some(duration)
            .ok_or(OUT_OF_RANGE)
    }

    fn show(&self, value: &Duration) -> String {
        show(*value)
    }
}

fn parse(text: &str) -> Result<Duration, &'static str> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, unit) = unsigned.split_at(end);
    let number: f64 = number.parse().map_err(|_| "is not a span of time")?;
    let unit = match unit.trim_start() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("has an unknown unit"),
    };
    if unsigned.len() < text.len() {
        return Err(OUT_OF_RANGE);
    }
    Duration::try_from_secs_f64(number * unit).map_err(|_| OUT_OF_RANGE)
}

/// The largest unit that leaves a whole number.
fn show(span: Duration) -> String {
    let seconds = span.as_secs();
    if span.subsec_nanos() > 0 {
        return format!("{}ms", span.as_secs_f64() * 1000.0);
    }
    match (seconds % 3600, seconds % 60) {
        _ if seconds == 0 => String::from("0s"),
        (0, _) => format!("{}h", seconds / 3600),
        (_, 0) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &'static str>) {
        let span = Span(Duration::ZERO..=Duration::from_secs(7 * 24 * 3600));
        let shown = span.parse(text).map(|value| span.show(&value));
        assert_eq!(shown.as_deref(), expected.as_deref(), "{text}");
        if let Ok(shown) = shown {
            assert_eq!(span.parse(&shown), span.parse(text), "{text}");
        }
    }

    #[test]
    fn units_are_read_and_the_largest_whole_one_is_shown() {
        check("500ms", Ok("500ms"));
        check("5s", Ok("5s"));
        check("2m", Ok("2m"));
        check("1h", Ok("1h"));
        check("30", Ok("30s"));
        check("3600", Ok("1h"));
        check("90", Ok("90s"));
        check("0.5", Ok("500ms"));
        check("2.5 m", Ok("150s"));
        check("1500ms", Ok("1500ms"));
        check("1.5ms", Ok("1.5ms"));
        check("0", Ok("0s"));
        check("168h", Ok("168h"));
    }

    #[test]
    fn anything_else_says_why() {
        for text in ["5x", "5S", "1d", "5 min", "1e3", "5s5", "1h30m"] {
            check(text, Err("has an unknown unit"));
        }
        for text in ["", "s", "fast", ".", "1.2.3", "--1"] {
            check(text, Err("is not a span of time"));
        }
        for text in ["-1", "-5s", "169h", "99999999999999999999h"] {
            check(text, Err(OUT_OF_RANGE));
        }
    }
}
