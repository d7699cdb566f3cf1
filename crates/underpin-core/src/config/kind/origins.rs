//! Origins that browsers may call from: `https://app.example.com,http://localhost:3000`.

use super::Kind;

/// A list of origins. `*` is not one: who may call is said name by name.
pub(in crate::config) struct Origins;

const ORIGINS_MAX: usize = 256;

impl Kind for Origins {
    type Value = Vec<String>;

    fn allowed(&self) -> String {
        String::from("none, or a list such as https://app.example.com,http://localhost:3000")
    }

    fn parse(&self, text: &str) -> Result<Vec<String>, &'static str> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("none") {
            return Ok(Vec::new());
        }
        let origins: Vec<_> = text
            .split(',')
            .map(|origin| String::from(origin.trim()))
            .collect();
        if origins.len() > ORIGINS_MAX {
            return Err("lists more than 256 origins");
        }
        if origins.iter().all(|origin| is_origin(origin)) {
            return Ok(origins);
        }
        Err("is not a list of origins (scheme, host and port, without a path)")
    }

    fn show(&self, value: &Vec<String>) -> String {
        if value.is_empty() {
            String::from("none")
        } else {
            value.join(",")
        }
    }
}

/// `http[s]://host[:port]`, exactly as a browser sends it: no path, no slash at the end, lower case.
fn is_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]_".contains(c);
    rest.is_some_and(|host| !host.is_empty() && host.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_taken_apart() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(Origins.parse(text).unwrap(), expected, "{text}");
        };
        check("none", &[]);
        check(
            "https://a.example, http://localhost:3000",
            &["https://a.example", "http://localhost:3000"],
        );
        check("http://[::1]:80", &["http://[::1]:80"]);
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for text in [
            "a.example",
            "https://",
            "https://a/",
            "https://A.example",
            "ftp://a",
            "https://a,",
            "*",
            "https://a,*",
            "[\"http://a\"]",
        ] {
            assert!(Origins.parse(text).is_err(), "{text}");
        }
    }
}
