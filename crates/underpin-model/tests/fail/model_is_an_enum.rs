use underpin_model::Model;

#[derive(Debug, Clone, Model)]
enum Note {
    A,
}

fn main() {}
