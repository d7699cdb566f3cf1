use underpin_model::Model;

#[derive(Debug, Clone, Model)]
struct Note {
    title: String,
}

fn main() {}
