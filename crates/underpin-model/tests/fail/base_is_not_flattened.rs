use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    base: Base,
}

fn main() {}
