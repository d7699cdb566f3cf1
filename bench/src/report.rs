//! What a scenario showed, as a table with ratios.

use crate::peers::Who;
use crate::round::Line;
use crate::scenario::{Headline, Scenario, Work};
use crate::table::Table;

/// A scenario that was run.
#[derive(Debug)]
pub struct Outcome {
    pub scenario: &'static Scenario,
    pub lines: Vec<Line>,
}

impl Outcome {
    pub fn headline(&self, peer: &str) -> Option<f64> {
        let line = self.lines.iter().find(|line| line.entry.name == peer)?;
        line.headline(self.scenario.headline)
    }

    pub fn table(&self) -> Table {
        let beside = matches!(self.scenario.work, Work::Beside(_));
        let mut head = vec![
            "peer",
            "per s",
            "p50 µs",
            "p99 µs",
            "p99.9 µs",
            "client cpu µs",
            "server cpu µs",
            "spread",
            "Underpin is",
        ];
        if beside {
            head.push("reports per s");
        }
        let reference = self.reference();
        let row = |line: &Line| {
            let sample = line.median;
            let mut cells = vec![
                line.entry.name.to_owned(),
                number(sample.per_second),
                optional(sample.p50),
                optional(sample.p99),
                optional(sample.p999),
                number(sample.client_cpu),
                number(sample.server_cpu),
                format!("{:.0} %", line.spread * 100.0),
                self.ratio(line, reference),
            ];
            if beside {
                cells.push(number(sample.reports_per_second));
            }
            cells
        };
        Table {
            title: format!("{}: {}", self.scenario.name, self.scenario.title),
            head,
            rows: self.lines.iter().map(row).collect(),
        }
    }

    /// The row of ours that the others are compared with: the pool as it comes.
    fn reference(&self) -> Option<&Line> {
        let pools = [Who::UnderpinLanes, Who::UnderpinSessions];
        pools
            .iter()
            .find_map(|who| self.lines.iter().find(|line| line.entry.who == *who))
    }

    /// How many times as fast ours is as this one: more is better for us, in every scenario.
    fn ratio(&self, line: &Line, reference: Option<&Line>) -> String {
        let headline = self.scenario.headline;
        let ours = reference.and_then(|reference| reference.headline(headline));
        let (Some(ours), Some(theirs)) = (ours, line.headline(headline)) else {
            return String::from("–");
        };
        let times = match headline {
            Headline::Rate => ours / theirs,
            Headline::Median | Headline::Tail => theirs / ours,
        };
        format!("{times:.2}×")
    }
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| String::from("–"), number)
}

/// Three significant digits, thousands set apart.
pub fn number(value: f64) -> String {
    let decimals = match value {
        _ if value < 10.0 => 2,
        _ if value < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let whole = text.split('.').next().unwrap_or_default().len();
    let mut apart = String::new();
    for (place, digit) in text.chars().enumerate() {
        if place > 0 && place < whole && (whole - place) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        for (value, expected) in [
            (0.0, "0.00"),
            (1.234, "1.23"),
            (56.78, "56.8"),
            (999.4, "999"),
            (1234.5, "1,234"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
