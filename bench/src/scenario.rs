//! What is measured, one line a scenario.

/// What one operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// One document by its key.
    Document,
    /// Many documents at once.
    Documents(i64),
    /// This many documents by filter and order.
    List(i64),
    /// One column of a document changed, and the row read back.
    Patch,
    /// One event, committed and read back.
    Create,
    /// One event, committed.
    Insert,
    /// Many events at once.
    InsertMany(usize),
    /// This many authors, their articles, the comments on those.
    Relations(u64),
    /// A balance read, changed and written back.
    Transaction,
    /// A connection out of the pool and back.
    Checkout,
    /// A new connection.
    Connect,
    /// Documents by key, while this many tasks run the slow report.
    Beside(usize),
}

impl Work {
    /// Does it change tables that must be reset before each burst?
    pub fn writes(self) -> bool {
        matches!(
            self,
            Self::Patch | Self::Create | Self::Insert | Self::InsertMany(_) | Self::Transaction
        )
    }
}

/// The number a scenario is about; the others are printed beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headline {
    /// Operations per second: more is better.
    Rate,
    /// Median time of an operation: less is better.
    Median,
    /// The time that 99 of 100 operations stay below: less is better.
    Tail,
}

#[derive(Debug)]
pub struct Scenario {
    /// What `--only` takes.
    pub name: &'static str,
    pub title: &'static str,
    pub work: Work,
    pub tasks: usize,
    pub headline: Headline,
    /// Through the proxy that adds a round trip of 1 ms.
    pub delayed: bool,
}

use Headline::{Median, Rate, Tail};
use Work::{
    Beside, Checkout, Connect, Create, Document, Documents, Insert, InsertMany, List, Patch,
    Relations, Transaction,
};

pub const SCENARIOS: [Scenario; 24] = [
    near(
        "point-32",
        "one 28-column row by key, 32 tasks",
        Document,
        32,
        Rate,
    ),
    near(
        "point-1",
        "one 28-column row by key, 1 task",
        Document,
        1,
        Median,
    ),
    near(
        "rows-10k",
        "10,000 rows × 28 columns into structs",
        Documents(10_000),
        1,
        Median,
    ),
    near(
        "list-50",
        "50 rows × 28 columns by filter and order",
        List(50),
        1,
        Median,
    ),
    near(
        "patch-1",
        "change one column and read the row back, 1 task",
        Patch,
        1,
        Median,
    ),
    near(
        "patch-32",
        "change one column and read the row back, 32 tasks",
        Patch,
        32,
        Rate,
    ),
    near(
        "create-1",
        "insert one row and read it back, 1 task",
        Create,
        1,
        Median,
    ),
    near(
        "create-32",
        "insert one row and read it back, 32 tasks",
        Create,
        32,
        Rate,
    ),
    near("insert-32", "insert one row, 32 tasks", Insert, 32, Rate),
    near("bulk-100", "insert 100 rows", InsertMany(100), 1, Median),
    near("bulk-1k", "insert 1,000 rows", InsertMany(1_000), 1, Median),
    near(
        "bulk-10k",
        "insert 10,000 rows",
        InsertMany(10_000),
        1,
        Median,
    ),
    near(
        "bulk-100k",
        "insert 100,000 rows",
        InsertMany(100_000),
        1,
        Median,
    ),
    near(
        "relations",
        "load 1 author × 10 articles × 10 comments, 32 tasks",
        Relations(1),
        32,
        Rate,
    ),
    near(
        "relations-100",
        "load 100 authors × 10 articles × 10 comments",
        Relations(100),
        1,
        Median,
    ),
    near(
        "transaction",
        "read, change and write back in a transaction, 32 tasks",
        Transaction,
        32,
        Rate,
    ),
    near(
        "checkout",
        "take a connection and give it back, nobody else wants one",
        Checkout,
        1,
        Median,
    ),
    near(
        "connect",
        "open a connection and close it",
        Connect,
        1,
        Median,
    ),
    near(
        "point-16",
        "one 28-column row by key, 16 tasks",
        Document,
        16,
        Rate,
    ),
    near(
        "point-64",
        "one 28-column row by key, 64 tasks",
        Document,
        64,
        Rate,
    ),
    near(
        "point-256",
        "one 28-column row by key, 256 tasks",
        Document,
        256,
        Rate,
    ),
    near(
        "mixed",
        "one row by key, 24 tasks, while 4 tasks run reports",
        Beside(4),
        24,
        Tail,
    ),
    far(
        "far-point",
        "one 28-column row by key, 1 task, round trip 1 ms",
        Document,
    ),
    far(
        "far-transaction",
        "the same transaction, 1 task, round trip 1 ms",
        Transaction,
    ),
];

/// Not measured: opens what a peer's pool may open.
pub const OPENING: Scenario = near("opening", "rows by key", Document, 1, Rate);

const fn near(
    name: &'static str,
    title: &'static str,
    work: Work,
    tasks: usize,
    headline: Headline,
) -> Scenario {
    Scenario {
        name,
        title,
        work,
        tasks,
        headline,
        delayed: false,
    }
}

const fn far(name: &'static str, title: &'static str, work: Work) -> Scenario {
    Scenario {
        name,
        title,
        work,
        tasks: 1,
        headline: Median,
        delayed: true,
    }
}
