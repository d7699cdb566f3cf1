use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(range(min = 5, max = 1))]
    count: i32,
}

fn main() {}
