//! Every table of PostgreSQL's catalog, 14 to 18, and how its rows are told.
//!
//! A table that is not in this list is one of a newer PostgreSQL: what is in it and did not come with the server is
//! reported, and a test fails until it is listed.

/// A table of the catalog.
pub(super) struct CatalogTable {
    pub(super) name: &'static str,
    pub(super) told: Told,
}

/// How the rows of a table of the catalog are told.
pub(super) enum Told {
    /// By facts.
    Facts,
    /// By facts, unless an object lies in a schema of PostgreSQL's own: the column of its schema.
    FactsInSchema(&'static str),
    /// By a fingerprint of each object.
    Fingerprint(Finding),
    /// With the object that this column names.
    PartOf(&'static str, &'static str),
    /// By queries of its own, see `sql/residues.sql` and `sql/settings.sql`.
    Apart,
    /// Not at all: rows that are data.
    Data,
    /// Not at all: it belongs to the whole server.
    Server,
    /// Not at all: PostgreSQL keeps it for itself.
    Internal,
}

/// Which rows are objects that somebody made.
#[derive(Clone, Copy)]
pub(super) struct Finding {
    /// The column of its schema; None when it belongs to the database.
    pub(super) schema: Option<&'static str>,
    /// Only these, of rows `c`.
    pub(super) only: Option<&'static str>,
    /// Columns that tell a state, or nothing.
    pub(super) without: &'static [&'static str],
    /// Takes the place of the table, which few roles may read.
    pub(super) instead: Option<&'static str>,
}

const ANY: Finding = Finding {
    schema: None,
    only: None,
    without: &[],
    instead: None,
};

const fn of_schema(schema: &'static str) -> Finding {
    Finding {
        schema: Some(schema),
        ..ANY
    }
}

const fn only(only: &'static str, finding: Finding) -> Finding {
    Finding {
        only: Some(only),
        ..finding
    }
}

const fn table(name: &'static str, told: Told) -> CatalogTable {
    CatalogTable { name, told }
}

/// All of them.
pub(super) const CATALOGS: &[CatalogTable] = &[
    table("pg_aggregate", Told::Facts),
    table("pg_am", Told::Fingerprint(ANY)),
    table("pg_amop", Told::PartOf("amopfamily", "pg_opfamily")),
    table("pg_amproc", Told::PartOf("amprocfamily", "pg_opfamily")),
    table("pg_attrdef", Told::Facts),
    table("pg_attribute", Told::Facts),
    table("pg_auth_members", Told::Server),
    table("pg_authid", Told::Server),
    table("pg_cast", Told::Fingerprint(ANY)),
    table(
        "pg_class",
        Told::Fingerprint(only(KINDS_WITHOUT_FACTS, of_schema("relnamespace"))),
    ),
    table("pg_collation", Told::FactsInSchema("collnamespace")),
    table("pg_constraint", Told::Facts),
    table(
        "pg_conversion",
        Told::Fingerprint(of_schema("connamespace")),
    ),
    table("pg_database", Told::Server),
    table("pg_db_role_setting", Told::Apart),
    table("pg_default_acl", Told::Facts),
    table("pg_depend", Told::Facts),
    table("pg_description", Told::Facts),
    table("pg_enum", Told::Facts),
    table("pg_event_trigger", Told::Fingerprint(ANY)),
    table("pg_extension", Told::Facts),
    table("pg_foreign_data_wrapper", Told::Fingerprint(ANY)),
    table("pg_foreign_server", Told::Fingerprint(ANY)),
    table("pg_foreign_table", Told::Apart),
    table("pg_index", Told::Facts),
    table("pg_inherits", Told::Facts),
    table("pg_init_privs", Told::Apart),
    table("pg_language", Told::Fingerprint(ANY)),
    table("pg_largeobject", Told::Data),
    table("pg_largeobject_metadata", Told::Data),
    table("pg_namespace", Told::Facts),
    table("pg_opclass", Told::Fingerprint(of_schema("opcnamespace"))),
    table("pg_operator", Told::Fingerprint(of_schema("oprnamespace"))),
    table("pg_opfamily", Told::Fingerprint(of_schema("opfnamespace"))),
    table("pg_parameter_acl", Told::Server),
    table("pg_partitioned_table", Told::Facts),
    table("pg_policy", Told::Facts),
    table("pg_proc", Told::FactsInSchema("pronamespace")),
    table("pg_publication", Told::Fingerprint(ANY)),
    table(
        "pg_publication_namespace",
        Told::PartOf("pnpubid", "pg_publication"),
    ),
    table(
        "pg_publication_rel",
        Told::PartOf("prpubid", "pg_publication"),
    ),
    table("pg_range", Told::PartOf("rngtypid", "pg_type")),
    table("pg_replication_origin", Told::Server),
    table("pg_rewrite", Told::Facts),
    table("pg_seclabel", Told::Apart),
    table("pg_sequence", Told::Facts),
    table("pg_shdepend", Told::Server),
    table("pg_shdescription", Told::Server),
    table("pg_shseclabel", Told::Server),
    table("pg_statistic", Told::Internal),
    table("pg_statistic_ext", Told::FactsInSchema("stxnamespace")),
    table("pg_statistic_ext_data", Told::Internal),
    table(
        "pg_subscription",
        Told::Fingerprint(Finding {
            only: Some(
                "c.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())",
            ),
            without: &["subdbid", "subskiplsn"],
            ..ANY
        }),
    ),
    table("pg_subscription_rel", Told::Internal),
    table("pg_tablespace", Told::Server),
    table("pg_transform", Told::Fingerprint(ANY)),
    table("pg_trigger", Told::Facts),
    table("pg_ts_config", Told::Fingerprint(of_schema("cfgnamespace"))),
    table("pg_ts_config_map", Told::PartOf("mapcfg", "pg_ts_config")),
    table("pg_ts_dict", Told::Fingerprint(of_schema("dictnamespace"))),
    table("pg_ts_parser", Told::Fingerprint(of_schema("prsnamespace"))),
    table(
        "pg_ts_template",
        Told::Fingerprint(of_schema("tmplnamespace")),
    ),
    table(
        "pg_type",
        Told::Fingerprint(only(TYPES_WITHOUT_FACTS, of_schema("typnamespace"))),
    ),
    table(
        "pg_user_mapping",
        Told::Fingerprint(Finding {
            instead: Some(USER_MAPPINGS),
            ..ANY
        }),
    ),
];

/// Foreign tables, and kinds that a newer PostgreSQL may have.
const KINDS_WITHOUT_FACTS: &str = "c.relkind NOT IN ('r', 'p', 'v', 'm', 'c', 'S', 'i', 'I', 't')";

/// Base types and shells; ranges whose canonical function needs a shell.
const TYPES_WITHOUT_FACTS: &str = "c.typtype NOT IN ('c', 'd', 'e', 'm', 'r') \
     OR EXISTS (SELECT FROM pg_range r WHERE r.rngtypid = c.oid AND r.rngcanonical::oid <> 0)";

/// Everybody may read the view, without the options of others.
const USER_MAPPINGS: &str =
    "(SELECT m.umid AS oid, m.umuser, m.srvid AS umserver, m.umoptions FROM pg_user_mappings m)";

impl CatalogTable {
    /// Which of its rows get a fingerprint.
    pub(super) fn finding(&self) -> Option<Finding> {
        match self.told {
            Told::Fingerprint(finding) => Some(finding),
            // None in the schemas that are read: those have facts.
            Told::FactsInSchema(schema) => Some(only("false", of_schema(schema))),
            _ => None,
        }
    }
}

/// The table of this name.
pub(super) fn find(name: &str) -> Option<&'static CatalogTable> {
    CATALOGS.iter().find(|it| it.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use underpin_testkit::TestDb;

    /// When this fails on a new PostgreSQL, decide how what is new is told, and list it.
    #[tokio::test]
    async fn every_table_of_the_servers_catalog_is_listed() {
        let db = TestDb::empty().await;
        let sql = "SELECT c.relname::text FROM pg_class c \
                   WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' ORDER BY 1";
        let rows = db.database().query(sql, &[]).await.expect("a catalog");
        let names = rows.iter().map(|row| row.get::<String>(0).expect("a name"));
        let unknown: Vec<String> = names.filter(|it| find(it).is_none()).collect();
        assert_eq!(unknown, Vec::<String>::new());
    }

    #[test]
    fn each_is_listed_once_in_order() {
        let names: Vec<&str> = CATALOGS.iter().map(|it| it.name).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
    }

    #[test]
    fn parts_belong_to_what_has_a_fingerprint() {
        for table in CATALOGS {
            if let Told::PartOf(_, whole) = table.told {
                let whole = find(whole).map(|it| &it.told);
                assert!(
                    matches!(whole, Some(Told::Fingerprint(_))),
                    "{}",
                    table.name
                );
            }
        }
    }
}
