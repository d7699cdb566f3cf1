use underpin_model::DbComposite;

#[derive(Debug, Clone, DbComposite)]
struct Point(f64, f64);

fn main() {}
