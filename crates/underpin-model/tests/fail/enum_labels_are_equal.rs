use underpin_model::DbEnum;

#[derive(Debug, Clone, DbEnum)]
enum State {
    Draft,
    #[db_enum(label = "draft")]
    Sketch,
}

fn main() {}
