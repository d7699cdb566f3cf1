//! Classes of objects that have no facts: each is told, and told apart.

use crate::support::{Server, read, run_script};
use underpin_core::Chain;
use underpin_pool::Database;
use underpin_schema::{Belonging, Facts, Object, QualifiedName, Unmodelled};

/// Objects of all classes, each in the first or the second of two shapes.
struct Class {
    told: &'static str,
    /// Made before both.
    first: &'static str,
    shapes: [&'static str; 2],
}

const fn class(told: &'static str, first: &'static str, shapes: [&'static str; 2]) -> Class {
    Class {
        told,
        first,
        shapes,
    }
}

const CLASSES: &[Class] = &[
    class(
        "operator public.===(pg_catalog.text,pg_catalog.text)",
        "",
        [
            "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
            "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = textne)",
        ],
    ),
    class(
        "operator family public.numbers USING btree",
        "CREATE OPERATOR FAMILY numbers USING btree",
        [
            "CREATE OPERATOR CLASS numbers FOR TYPE int4 USING btree FAMILY numbers AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int4, int4)",
            "CREATE OPERATOR CLASS numbers FOR TYPE int4 USING btree FAMILY numbers AS OPERATOR 1 <=, FUNCTION 1 btint4cmp(int4, int4)",
        ],
    ),
    class(
        "operator class public.longs USING btree",
        "CREATE OPERATOR FAMILY longs USING btree; CREATE OPERATOR FAMILY other_longs USING btree",
        [
            "CREATE OPERATOR CLASS longs FOR TYPE int8 USING btree FAMILY longs AS OPERATOR 1 <, FUNCTION 1 btint8cmp(int8, int8)",
            "CREATE OPERATOR CLASS longs FOR TYPE int8 USING btree FAMILY other_longs AS OPERATOR 1 <, FUNCTION 1 btint8cmp(int8, int8)",
        ],
    ),
    class(
        "cast (integer AS public.cent)",
        "CREATE TYPE cent AS (n integer); CREATE FUNCTION cent(integer) RETURNS cent LANGUAGE sql AS 'SELECT ROW($1)::cent'",
        [
            "CREATE CAST (integer AS cent) WITH FUNCTION cent(integer)",
            "CREATE CAST (integer AS cent) WITH FUNCTION cent(integer) AS ASSIGNMENT",
        ],
    ),
    class(
        "conversion public.latin",
        "",
        [
            "CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
            "CREATE DEFAULT CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
        ],
    ),
    class(
        "text search dictionary public.words",
        "",
        [
            "CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple, STOPWORDS = english)",
            "CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple)",
        ],
    ),
    class(
        "text search configuration public.search",
        "CREATE TEXT SEARCH CONFIGURATION search (COPY = simple)",
        [
            "ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR asciiword WITH english_stem",
            "ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR asciiword WITH german_stem",
        ],
    ),
    class(
        "text search parser public.parser",
        "",
        [
            "CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
            "CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, \
             HEADLINE = prsd_headline)",
        ],
    ),
    class(
        "text search template public.template",
        "",
        [
            "CREATE TEXT SEARCH TEMPLATE template (LEXIZE = dsimple_lexize)",
            "CREATE TEXT SEARCH TEMPLATE template (LEXIZE = dsimple_lexize, INIT = dsimple_init)",
        ],
    ),
    class(
        "foreign-data wrapper wrapper",
        "",
        [
            "CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (a '1')",
            "CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (a '2')",
        ],
    ),
    class(
        "server far",
        "",
        [
            "CREATE SERVER far FOREIGN DATA WRAPPER wrapper OPTIONS (host 'a')",
            "CREATE SERVER far FOREIGN DATA WRAPPER wrapper OPTIONS (host 'b')",
        ],
    ),
    class(
        "user mapping public on server far",
        "",
        [
            "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (password 'hunter2')",
            "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (password 'hunter3')",
        ],
    ),
    class(
        "foreign table public.there",
        "",
        [
            "CREATE FOREIGN TABLE there (a integer OPTIONS (name 'x')) SERVER far OPTIONS (table_name 't')",
            "CREATE FOREIGN TABLE there (a integer OPTIONS (name 'y')) SERVER far OPTIONS (table_name 't')",
        ],
    ),
    class(
        "event trigger watch",
        "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
         CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION watch()",
        [
            "ALTER EVENT TRIGGER watch DISABLE",
            "ALTER EVENT TRIGGER watch ENABLE ALWAYS",
        ],
    ),
    class(
        "publication one",
        "CREATE TABLE published (id integer PRIMARY KEY, name text)",
        [
            "CREATE PUBLICATION one FOR TABLE published",
            "CREATE PUBLICATION one",
        ],
    ),
    class(
        "publication two",
        "",
        [
            "CREATE PUBLICATION two WITH (publish = 'insert')",
            "CREATE PUBLICATION two WITH (publish = 'insert, update')",
        ],
    ),
    class(
        "subscription far",
        "",
        [
            "CREATE SUBSCRIPTION far CONNECTION 'dbname=a' PUBLICATION p WITH (connect = false, slot_name = NONE)",
            "CREATE SUBSCRIPTION far CONNECTION 'dbname=a' PUBLICATION q WITH (connect = false, slot_name = NONE)",
        ],
    ),
    class(
        "transform for integer on language sql",
        "",
        [
            "CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal))",
            "CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))",
        ],
    ),
    class(
        "access method tree",
        "",
        [
            "CREATE ACCESS METHOD tree TYPE INDEX HANDLER bthandler",
            "CREATE ACCESS METHOD tree TYPE INDEX HANDLER hashhandler",
        ],
    ),
    class(
        "language tongue",
        "",
        [
            "CREATE LANGUAGE tongue HANDLER plpgsql_call_handler",
            "CREATE TRUSTED LANGUAGE tongue HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler",
        ],
    ),
    class(
        "type public.number",
        "CREATE TYPE number; CREATE FUNCTION number_in(cstring) RETURNS number LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; \
         CREATE FUNCTION number_out(number) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'",
        [
            "CREATE TYPE number (INPUT = number_in, OUTPUT = number_out, INTERNALLENGTH = 4, PASSEDBYVALUE, CATEGORY = 'X')",
            "CREATE TYPE number (INPUT = number_in, OUTPUT = number_out, INTERNALLENGTH = 4, PASSEDBYVALUE, CATEGORY = 'Y')",
        ],
    ),
    class(
        "table public.typed: type that it is a table of",
        "CREATE TYPE one_type AS (a integer); CREATE TYPE other_type AS (a integer)",
        [
            "CREATE TABLE typed OF one_type",
            "CREATE TABLE typed OF other_type",
        ],
    ),
    class(
        "foreign table column public.there.a: comment",
        "",
        [
            "COMMENT ON COLUMN there.a IS 'a'",
            "COMMENT ON COLUMN there.a IS 'b'",
        ],
    ),
    class(
        "foreign table public.there: privileges",
        "",
        [
            "GRANT SELECT ON there TO PUBLIC",
            "GRANT INSERT ON there TO PUBLIC",
        ],
    ),
    class(
        "table constraint counting_counted_fkey on public.counting: switched-off triggers",
        "CREATE TABLE counted (id integer PRIMARY KEY); CREATE TABLE counting (counted integer REFERENCES counted)",
        [
            "ALTER TABLE counting DISABLE TRIGGER ALL",
            "ALTER TABLE counted DISABLE TRIGGER ALL",
        ],
    ),
    class(
        "function pg_catalog.pg_sleep(double precision): privileges",
        "",
        [
            "REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pg_sleep(float8) TO pg_monitor",
        ],
    ),
    class(
        "function pg_catalog.mine()",
        "",
        [
            "CREATE FUNCTION pg_catalog.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION pg_catalog.mine() RETURNS integer LANGUAGE sql AS 'SELECT 2'",
        ],
    ),
    class(
        "settings of the database",
        "",
        [
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database()); END $$",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''6MB''', current_database()); END $$",
        ],
    ),
    class(
        "members of extension btree_gist",
        "CREATE EXTENSION btree_gist; CREATE FUNCTION joins() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        [
            "ALTER EXTENSION btree_gist ADD FUNCTION joins()",
            "COMMENT ON FUNCTION gbt_oid_fetch(internal) IS 'fetches'",
        ],
    ),
];

async fn made(server: &Server, name: &str, shape: usize) -> (Database, Facts<Unmodelled>) {
    let database = server.empty(name).await;
    for class in CLASSES {
        for script in [class.first, class.shapes[shape]] {
            let done = run_script(&database, script).await;
            done.unwrap_or_else(|error| panic!("{script}: {}", Chain(&error)));
        }
    }
    let unmodelled = read(&database).await.schema.unmodelled;
    (database, unmodelled)
}

#[tokio::test]
async fn each_class_without_facts_is_told_and_told_apart() {
    let server = Server::start().await;
    let (_, one) = made(&server, "one", 0).await;
    let (_, same) = made(&server, "same", 0).await;
    let (_, other) = made(&server, "other", 1).await;
    assert_eq!(one, same);
    for class in CLASSES {
        let [here, there] = [&one, &other].map(|side| {
            let names: Vec<&str> = side.iter().map(|it| it.description.as_str()).collect();
            side.get(class.told)
                .unwrap_or_else(|| panic!("{} is not among {names:#?}", class.told))
        });
        let differing = here.fingerprint.differing(&there.fingerprint);
        assert!(!differing.is_empty(), "{}", class.told);
    }
    let told = format!("{one:?}{other:?}");
    assert!(!told.contains("hunter"), "{told}");
}

#[tokio::test]
async fn owners_and_comments_of_objects_without_facts_are_told_apart() {
    let server = Server::start().await;
    server.run("CREATE ROLE keeper").await;
    let (one, other) = (server.empty("one").await, server.empty("other").await);
    let publication = "CREATE PUBLICATION p; COMMENT ON PUBLICATION p IS ";
    run_script(&one, &format!("{publication}'a'"))
        .await
        .expect("made");
    let keeper = "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO keeper', current_database()); END $$;
                  ALTER PUBLICATION p OWNER TO keeper";
    run_script(&other, &format!("{publication}'b'; {keeper}"))
        .await
        .expect("made");
    let (one, other) = (read(&one).await.schema, read(&other).await.schema);
    let get = |side: &Facts<Unmodelled>| side.get("publication p").cloned().expect("told");
    let (one, other) = (get(&one.unmodelled), get(&other.unmodelled));
    let differing = one.fingerprint.differing(&other.fingerprint);
    // An owner that no statement has given is nobody's business.
    assert_eq!(differing, ["comment"]);
    assert_ne!(one.fingerprint, other.fingerprint);
}

#[tokio::test]
async fn a_table_of_the_catalog_that_is_not_known_is_told_with_what_is_in_it() {
    let server = Server::start().await;
    let database = server.empty("newer").await;
    run_script(
        &database,
        "SET allow_system_table_mods = on;
         CREATE TABLE pg_catalog.pg_graph (oid oid NOT NULL, grname name, grtext text);
         INSERT INTO pg_catalog.pg_graph VALUES (100, 'built_in', 'x'), (99999, 'mine', 'y')",
    )
    .await
    .expect("a superuser");
    let told = read(&database).await.schema.unmodelled;
    let names: Vec<&str> = told.iter().map(|it| it.description.as_str()).collect();
    assert_eq!(names, ["pg_graph mine", "table pg_catalog.pg_graph"]);
}

#[tokio::test]
async fn what_needs_something_without_facts_is_known() {
    let server = Server::start().await;
    let database = server.empty("needing").await;
    run_script(
        &database,
        "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
         CREATE TABLE notes (title text CHECK (title === title));
         CREATE TYPE note AS (title text);
         CREATE TABLE typed OF note;
         CREATE VIEW titles AS SELECT title FROM notes WHERE title === 'a'",
    )
    .await
    .expect("made");
    let needing = read(&database).await.needing_unmodelled;
    let public = |name: &str| QualifiedName::new("public", name);
    let check = underpin_schema::Part::new(public("notes"), "notes_title_check");
    let expected = [
        Object::Table(public("typed")),
        Object::Constraint(check),
        Object::View(public("titles")),
    ];
    assert_eq!(needing.into_iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn what_is_in_a_schema_that_is_not_read_is_not_told() {
    let server = Server::start().await;
    let database = server.empty("scoped").await;
    run_script(
        &database,
        "CREATE SCHEMA away;
         CREATE TABLE away.t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
         COMMENT ON INDEX away.t_pkey IS 'a'; COMMENT ON CONSTRAINT t_pkey ON away.t IS 'b';
         COMMENT ON COLUMN away.t.id IS 'c'; COMMENT ON SEQUENCE away.t_id_seq IS 'd';
         CREATE OPERATOR away.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    )
    .await
    .expect("made");
    let scope = underpin_schema::Scope::all().without("away");
    let found = underpin_schema::Catalog::read(&database, &scope).await;
    let found = found.expect("a catalog").schema.unmodelled;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn an_extensions_own_comment_is_no_fact_and_another_is() {
    let server = Server::start().await;
    let database = server.empty("commented").await;
    run_script(&database, "CREATE EXTENSION btree_gist")
        .await
        .expect("offered");
    let comment = async || {
        let extensions = read(&database).await.schema.extensions;
        extensions.get("btree_gist").expect("made").comment.clone()
    };
    assert_eq!(comment().await, None);
    run_script(&database, "COMMENT ON EXTENSION btree_gist IS 'ours'")
        .await
        .expect("said");
    assert_eq!(comment().await.as_deref(), Some("ours"));
    let members = read(&database).await.schema.unmodelled;
    let members: Vec<_> = members.iter().map(|it| it.belongs_to).collect();
    assert_eq!(members, [Belonging::Extension]);
}
