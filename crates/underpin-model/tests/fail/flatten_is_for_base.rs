use jiff::Timestamp;
use underpin_model::{Id, Model};

#[derive(Debug, Clone)]
struct Times {
    at: Timestamp,
}

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    id: Id<Note>,
    #[model(flatten)]
    times: Times,
}

fn main() {}
