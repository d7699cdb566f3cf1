use underpin_model::{Base, DbEnum, Model};

#[derive(Debug, Clone, DbEnum)]
enum State {
    Draft,
}

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    state: State,
}

fn main() {}
