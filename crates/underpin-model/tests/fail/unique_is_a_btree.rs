use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(unique = "gin")]
    tags: Vec<String>,
}

fn main() {}
