//! Notifications that came and were not read yet; bounded.

use crate::Notification;
use std::collections::VecDeque;

/// How many are kept. A listener that reads more slowly is told that it missed some.
const KEPT_MAX: usize = 10_000;

/// A queue that drops the newest when it is full, and leaves a gap in their place.
#[derive(Debug, Default)]
pub(crate) struct Inbox(VecDeque<Notification>);

impl Inbox {
    pub(crate) fn put(&mut self, channel: &str, payload: &str, backend_pid: i32) {
        self.push(Notification::Message {
            channel: String::from(channel),
            payload: String::from(payload),
            backend_pid,
        });
    }

    pub(crate) fn take(&mut self) -> Option<Notification> {
        self.0.pop_front()
    }

    fn push(&mut self, notification: Notification) {
        if self.0.len() < KEPT_MAX {
            self.0.push_back(notification);
        } else if self.0.back() != Some(&Notification::Gap) {
            self.0.push_back(Notification::Gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_inbox_keeps_the_oldest_and_says_that_some_are_missing() {
        let mut inbox = Inbox::default();
        for number in 0..KEPT_MAX + 10 {
            inbox.push(Notification::Message {
                channel: String::from("c"),
                payload: number.to_string(),
                backend_pid: 1,
            });
        }
        let mut last = None;
        let mut count = 0;
        while let Some(next) = inbox.take() {
            count += 1;
            last = Some(next);
        }
        assert_eq!(count, KEPT_MAX + 1);
        assert_eq!(last, Some(Notification::Gap));
    }
}
