use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(uniqe)]
    title: String,
}

fn main() {}
