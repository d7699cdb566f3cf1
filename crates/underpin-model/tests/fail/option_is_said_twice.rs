use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(max_len = 1, max_len = 2)]
    title: String,
}

fn main() {}
