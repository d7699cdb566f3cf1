//! Cutting the server's bytes into messages: a tag, four bytes of length, a body.

use std::io;

/// Tag and length.
pub(crate) const HEADER: usize = 5;

/// The longest message that is taken from a server. PostgreSQL itself makes none of 1 GiB or more.
pub(crate) const MESSAGE_MAX: usize = 1024 * 1024 * 1024;

/// The tags that are told apart here; the rest is parsed by `postgres-protocol`.
pub(crate) mod tag {
    pub(crate) const BIND_COMPLETE: u8 = b'2';
    pub(crate) const CLOSE_COMPLETE: u8 = b'3';
    pub(crate) const COMMAND_COMPLETE: u8 = b'C';
    pub(crate) const COPY_DATA: u8 = b'd';
    pub(crate) const DATA_ROW: u8 = b'D';
    pub(crate) const PARSE_COMPLETE: u8 = b'1';
    pub(crate) const PARAMETER_DESCRIPTION: u8 = b't';
    pub(crate) const READY_FOR_QUERY: u8 = b'Z';
    pub(crate) const ROW_DESCRIPTION: u8 = b'T';
}

/// The tag and the whole length of the message at the start of `bytes`; None while its header is not complete.
pub(crate) fn header(bytes: &[u8]) -> io::Result<Option<(u8, usize)>> {
    let Some(([tag, length @ ..], _)) = bytes.split_first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if !(4..MESSAGE_MAX).contains(&length) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a message of the server has an impossible length",
        ));
    }
    Ok(Some((*tag, length + 1)))
}

/// The bodies of whole messages that lie one after another.
pub(crate) struct Bodies<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Bodies<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (_, length) = header(self.0).ok().flatten()?;
        let (message, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(&message[HEADER..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_tells_tag_and_whole_length() {
        assert_eq!(header(b"Z\0\0\0\x05I").expect("valid"), Some((b'Z', 6)));
        assert_eq!(header(b"Z\0\0\0").expect("incomplete"), None);
        assert!(
            header(b"Z\0\0\0\x03").is_err(),
            "shorter than its own length"
        );
        assert!(header(b"D\x40\0\0\0").is_err(), "longer than any");
        assert!(header(b"D\xff\xff\xff\xff").is_err(), "longer than any");
        assert!(header(b"D\x3f\xff\xff\xff").is_ok(), "the longest");
    }

    #[test]
    fn bodies_lie_one_after_another_and_an_incomplete_one_ends_them() {
        let bytes = b"D\0\0\0\x06abD\0\0\0\x04D\0\0\0\x05cD\0\0\0\x09d";
        let bodies: Vec<&[u8]> = Bodies(bytes).collect();
        assert_eq!(bodies, [&b"ab"[..], b"", b"c"]);
    }
}
