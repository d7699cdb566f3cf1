//! A place for repositories that runs nothing.

use std::sync::Mutex;
use underpin_model::Place;
use underpin_pool::{Error, Executor, FromRow, Params, Row};

/// Writes down the statements that it should run.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    pub(crate) fn statements(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Place for Recorder {
    type Executor = Self;

    fn executor(&self) -> &Self {
        self
    }
}

impl Executor for Recorder {
    async fn query(&self, sql: &str, _params: Params<'_>) -> Result<Vec<Row>, Error> {
        self.0.lock().unwrap().push(String::from(sql));
        Ok(Vec::new())
    }

    async fn query_as<T: FromRow + Send>(
        &self,
        sql: &str,
        _params: Params<'_>,
    ) -> Result<Vec<T>, Error> {
        self.0.lock().unwrap().push(String::from(sql));
        Ok(Vec::new())
    }

    async fn execute(&self, sql: &str, _params: Params<'_>) -> Result<u64, Error> {
        self.0.lock().unwrap().push(String::from(sql));
        Ok(0)
    }

    async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.0.lock().unwrap().push(String::from(sql));
        Ok(())
    }
}
