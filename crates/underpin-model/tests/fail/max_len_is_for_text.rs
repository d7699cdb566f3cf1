use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(max_len = 5)]
    count: i32,
}

fn main() {}
