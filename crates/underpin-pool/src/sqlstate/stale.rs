//! Errors that tell that a statement was prepared before the schema changed.
//!
//! Told by SQLSTATE and by the routine that reports, never by the message, which the server translates.

use crate::ServerError;

/// Routines that look up a type by its number, and report as an internal error that there is none: it was dropped, and
/// perhaps made anew under another number.
const TYPE_LOOKUPS: &[&str] = &[
    "IsBinaryCoercible",
    "TypeGetTupleDesc",
    "format_type_extended",
    "getBaseType",
    "getBaseTypeAndTypmod",
    "getSubscriptingRoutines",
    "getTypeBinaryInputInfo",
    "getTypeBinaryOutputInfo",
    "getTypeIOParam",
    "getTypeInputInfo",
    "getTypeOutputInfo",
    "get_type_category_preferred",
    "get_type_io_data",
    "get_typlenbyval",
    "get_typlenbyvalalign",
    "get_typsubscript",
    "load_domaintype_info",
    "load_enum_cache_data",
    "load_multirangetype_info",
    "load_rangetype_info",
    "lookup_rowtype_tupdesc_internal",
    "lookup_type_cache",
    "typeidType",
    "typeidTypeRelid",
    "typeOrDomainTypeRelid",
];

/// Does this error mean that a prepared statement is out of date, so that preparing it again will help?
pub(crate) fn is_stale_plan(report: &ServerError) -> bool {
    match report.code.as_str() {
        "26000" => true,
        "0A000" => report.routine.as_deref() == Some("RevalidateCachedQuery"),
        _ => false,
    }
}

/// May this error come from types that were right when the statement was prepared? A statement that has just been
/// prepared tells whether it does.
pub(crate) fn may_be_stale(report: &ServerError) -> bool {
    match report.code.as_str() {
        // The server planned the statement anew, with the parameters' types as they were; or a value that is made of
        // others came with their old types.
        "42704" | "42725" | "42804" | "42809" | "42846" | "42883" | "42P18" => true,
        "XX000" => {
            let routine = report.routine.as_deref();
            routine.is_some_and(|routine| TYPE_LOOKUPS.contains(&routine))
        }
        _ => is_stale_plan(report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(code: &str, routine: &str, message: &str) -> ServerError {
        let mut report = ServerError::default();
        report.code = String::from(code);
        report.message = String::from(message);
        report.routine = (!routine.is_empty()).then(|| String::from(routine));
        report
    }

    #[test]
    fn stale_plan_is_told_by_the_routine_in_any_language() {
        let revalidate =
            |message| is_stale_plan(&report("0A000", "RevalidateCachedQuery", message));
        assert!(revalidate("cached plan must not change result type"));
        assert!(revalidate(
            "gecachter Plan darf den Ergebnistyp nicht ändern"
        ));
        assert!(is_stale_plan(&report(
            "26000",
            "FetchPreparedStatement",
            ""
        )));
        let other = report("0A000", "raise", "cached plan must not change result type");
        assert!(!is_stale_plan(&other), "words alone say nothing");
    }

    #[test]
    fn internal_error_is_stale_only_when_a_type_was_looked_up() {
        assert!(may_be_stale(&report("XX000", "getTypeBinaryInputInfo", "")));
        assert!(may_be_stale(&report("42804", "record_recv", "")));
        assert!(!may_be_stale(&report("XX000", "index_getnext", "")));
        assert!(!may_be_stale(&report(
            "XX000",
            "",
            "cache lookup failed for type 1"
        )));
        assert!(!may_be_stale(&report("22P02", "enum_recv", "")));
    }
}
