//! Is a database URL given, and well formed?

use super::URL;
use super::check::Check;
use crate::context::Context;
use underpin_pool::Options;

/// Also starts the embedded cluster when no URL is given.
pub(super) async fn check(context: &Context) -> (Check, Option<Options>) {
    let options = match context.options().await {
        Ok(options) => options,
        Err(error) => return (Check::any_error(URL, &error), None),
    };
    let is_given = context
        .config()
        .is_ok_and(|config| config.database.url.is_some());
    let url = &options.url;
    let text = if is_given {
        url.to_string()
    } else {
        format!("{url} (the embedded cluster: no URL is given)")
    };
    (Check::ok(URL, text), Some(options))
}
