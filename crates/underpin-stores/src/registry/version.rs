//! Versions of servers: which are ranges, which are semantic, which comes later.

use semver::Version;

/// The longest version, in characters.
pub const VERSION_CHARS_MAX: usize = 255;

/// Does a version look like a range? Such a version names no single release.
///
/// `^1.2`, `~1.2`, `>=1`, `<2`, `1.x`, `1.2.*`, `1 - 2`, `1 || 2`. `v1.0` and `2025-06-18` are versions.
#[must_use]
pub fn is_range(version: &str) -> bool {
    let version = version.trim();
    version.starts_with(['^', '~', '>', '<', '='])
        || version.contains("||")
        || version.contains(" - ")
        || version
            .split_whitespace()
            .skip(1)
            .any(|part| part.starts_with(['^', '~', '>', '<', '=']))
        || has_wildcard(version)
}

/// `*`, `x`, `1.x`, `v1.2.*`, `1.X.0`: a wildcard stands in the place of a number, before any `-` or `+`.
fn has_wildcard(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or(version);
    let core = core.strip_prefix(['v', 'V']).unwrap_or(core);
    let is_wild = |part: &str| matches!(part, "*" | "x" | "X");
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    core.split('.').any(is_wild) && core.split('.').all(|part| is_wild(part) || is_number(part))
}

/// Is it a semantic version? `v1.0`, `1.0` and `2025.06.18` (leading zero) are not.
#[must_use]
pub fn is_semantic(version: &str) -> bool {
    Version::parse(version).is_ok()
}

/// Bytes that sort as semantic versions do, for an index; `None` when the version is not semantic.
///
/// A prerelease sorts before its release. Builds of one version sort by their build metadata, so that the order is
/// total and does not depend on which came first.
pub(crate) fn sort_key(version: &str) -> Option<Vec<u8>> {
    let version = Version::parse(version).ok()?;
    let mut key = Vec::with_capacity(32);
    for number in [version.major, version.minor, version.patch] {
        key.extend_from_slice(&number.to_be_bytes());
    }
    if version.pre.is_empty() {
        key.push(0xff);
    } else {
        push_identifiers(&mut key, version.pre.as_str());
    }
    push_identifiers(&mut key, version.build.as_str());
    Some(key)
}

/// Numbers below words, numbers by value, words by bytes, fewer identifiers below more.
fn push_identifiers(key: &mut Vec<u8>, identifiers: &str) {
    for identifier in identifiers
        .split('.')
        .filter(|identifier| !identifier.is_empty())
    {
        if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
            let digits = identifier.trim_start_matches('0');
            // At most 255 digits: a version is no longer than that.
            key.extend_from_slice(&[1, u8::try_from(digits.len()).unwrap_or(u8::MAX)]);
            key.extend_from_slice(digits.as_bytes());
        } else {
            key.push(2);
            key.extend_from_slice(identifier.as_bytes());
        }
        key.push(0);
    }
    key.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_from_versions() {
        for range in [
            "^1.2.3",
            "~1.2.3",
            ">=1.2.3",
            "<=1.2.3",
            ">1.2.3",
            "<1.2.3",
            "=1.2.3",
            "1.x",
            "1.2.*",
            "1 - 2",
            "1.2 || 1.3",
            "*",
            "x",
            "1.X.0",
            "v1.x",
            ">=1.0 <2.0",
            "1.0 <2",
            " ^1",
        ] {
            assert!(is_range(range), "{range}");
        }
        for version in [
            "1.0.0",
            "2.1.3-alpha",
            "1.0.0-x.7",
            "1.0.0+x",
            "2025.06.18",
            "2025-06-18",
            "v1.0",
            "max",
            "x1",
            "1.0-x",
            "release x",
            "nginx",
            "1.0.0-beta - hotfix1",
        ] {
            let expected = version.contains(" - ");
            assert_eq!(is_range(version), expected, "{version}");
        }
    }

    #[test]
    fn keys_sort_as_versions_do() {
        let ascending = [
            "0.0.1-alpha",
            "0.0.1",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-99999999999999999999999",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-alpha-1",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.0+1",
            "1.0.0+20130313144700",
            "1.0.1",
            "1.1.0",
            "1.10.0",
            "2.0.0",
            "2025.11.25",
        ];
        for pair in ascending.windows(2) {
            assert!(
                Version::parse(pair[0]).unwrap() < Version::parse(pair[1]).unwrap(),
                "semver: {pair:?}"
            );
            assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
        }
        assert_eq!(sort_key("v1.0"), None);
    }
}
