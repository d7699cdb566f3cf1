use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note<T> {
    #[model(flatten)]
    base: Base,
    title: T,
}

fn main() {}
