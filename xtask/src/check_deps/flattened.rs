//! Finds `map_err(|e| … e.to_string() …)`: it throws the cause away, which no lint can forbid per type.

use anyhow::Context;
use std::fs;
use std::path::Path;

/// Every place in the crates' sources that flattens an error into text.
pub(super) fn findings(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("could not read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("could not read {}", path.display()))?;
                let shown = path.strip_prefix(root).unwrap_or(&path).display();
                findings.extend(lines(&text).map(|line| {
                    format!(
                        "{shown}:{line} flattens an error into text; keep it as the source instead"
                    )
                }));
            }
        }
    }
    findings.sort();
    Ok(findings)
}

/// The lines, counted from 1, where a closure of `map_err` turns its argument into text.
fn lines(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices("map_err(|").filter_map(|(at, opening)| {
        let rest = &text[at + opening.len()..];
        let (argument, body) = rest.split_once('|')?;
        let body = &body[..end_of_call(body)];
        let flattening = format!("{argument}.to_string()");
        let is_word_start = |at: usize| {
            !body[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
        };
        let is_flat = body
            .match_indices(&flattening)
            .any(|(at, _)| is_word_start(at));
        is_flat.then(|| text[..at].matches('\n').count() + 1)
    })
}

/// Where the parenthesis closes that was open before `body`.
fn end_of_call(body: &str) -> usize {
    let mut open = 1;
    for (at, letter) in body.char_indices() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[usize]) {
        assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_flattened_error_is_found_with_its_line() {
        check("f()\n    .map_err(|e| Error::new(e.to_string()))", &[2]);
        check(
            "f().map_err(|error| {\n  Error(error.to_string())\n})",
            &[1],
        );
    }

    #[test]
    fn other_texts_in_the_closure_are_left_alone() {
        check(
            "f().map_err(|e| Error::new(name.to_string()).with_source(e))",
            &[],
        );
        check(
            "f().map_err(|e| Error::from(e)).map(|e| e.to_string())",
            &[],
        );
    }
}
