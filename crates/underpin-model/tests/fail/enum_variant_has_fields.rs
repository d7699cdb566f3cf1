use underpin_model::DbEnum;

#[derive(Debug, Clone, DbEnum)]
enum State {
    Draft,
    Late(i32),
}

fn main() {}
