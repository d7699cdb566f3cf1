use underpin_model::{Base, Model};

#[derive(Debug, Clone)]
struct Point {
    x: f64,
}

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(default = "'(0,0)'")]
    place: Point,
}

fn main() {}
