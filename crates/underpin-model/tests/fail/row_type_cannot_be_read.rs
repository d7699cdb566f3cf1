use underpin_model::FromRow;

struct Point;

#[derive(FromRow)]
struct Row {
    place: Point,
}

fn main() {}
