//! Expected text with gaps: `[..]` is any part of one line, a line `...` is any number of lines.

/// Does the text fit the pattern, line by line? A trailing newline on either side does not matter.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<&str> = pattern.lines().collect();
    let text: Vec<&str> = text.lines().collect();
    lines_match(&pattern, &text)
}

fn lines_match(pattern: &[&str], text: &[&str]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((&"...", rest)) => (0..=text.len()).any(|skipped| lines_match(rest, &text[skipped..])),
        Some((line, rest)) => text
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && lines_match(rest, others)),
    }
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = parts.next().and_then(|start| line.strip_prefix(start)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((end, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(end)
}

#[test]
fn gaps_stand_for_parts_of_a_line_and_for_lines() {
    let check = |pattern, text, expected| {
        assert_eq!(matches(pattern, text), expected, "{pattern:?} {text:?}")
    };
    check("", "", true);
    check("a\n", "a", true);
    check("a", "b", false);
    check("a", "a\nb", false);
    check("a[..]c", "abc", true);
    check("a[..]c", "abd", false);
    check("[..]b[..]", "abc", true);
    check("...", "", true);
    check("a\n...\nz", "a\nb\nc\nz", true);
    check("a\n...\nz", "a\nb\nc", false);
}
