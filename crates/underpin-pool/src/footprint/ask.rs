//! Asks the catalogue what stands behind names.

use super::Footprint;
use super::names::{Effect, Name, Names, Verdict};
use crate::wire::Wire;
use crate::{Error, Row, TypedParams};
use postgres_types::Type;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use tokio::time::timeout;
use underpin_core::{Chain, ErrorKind};

/// How often what was found names something new, views of views for one, before it counts as unknown.
const ROUNDS_MAX: usize = 8;
/// All questions together: a session waits for them before it is lent again.
const PATIENCE: Duration = Duration::from_secs(1);
/// Names in one question.
const ASKED_MAX: usize = 1000;

/// Volatile functions that leave nothing, and nothing twice when they run twice and are rolled back once.
const HARMLESS: [&str; 32] = [
    "clock_timestamp",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "pg_advisory_xact_lock",
    "pg_advisory_xact_lock_shared",
    "pg_current_wal_flush_lsn",
    "pg_current_wal_insert_lsn",
    "pg_current_wal_lsn",
    "pg_database_size",
    "pg_indexes_size",
    "pg_is_in_recovery",
    "pg_is_wal_replay_paused",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_notify",
    "pg_relation_size",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "pg_try_advisory_xact_lock",
    "pg_try_advisory_xact_lock_shared",
    "pg_xact_status",
    "random",
    "random_normal",
    "timeofday",
    "txid_status",
    "uuid_generate_v1",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Volatile functions that leave nothing in the session, but whose running twice shows, or that keep others waiting.
const FOR_SESSIONS: [&str; 12] = [
    "currval",
    "lastval",
    "nextval",
    "pg_blocking_pids",
    "pg_cancel_backend",
    "pg_lock_status",
    "pg_logical_emit_message",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_terminate_backend",
    "setval",
];

/// What stands behind each name in reading and in writing: 0 nothing that leaves anything, 1 something for sessions only, 2
/// something else; and the code that runs along, which names more.
///
/// PostgreSQL's own functions are told by their volatility, extensions' by that and by being written in C and safe in
/// parallel, which forbids them to change settings. Users' functions count as leaving something, whatever they say of
/// themselves. A sequence behind a default burns a number when a row is rolled back, as everybody knows it.
const SQL: &str = r"
WITH RECURSIVE
asked(name) AS (SELECT unnest($1::text[])::name),
function AS NOT MATERIALIZED (
    SELECT p.oid, p.proname, CASE
        WHEN p.oid < 16384 THEN CASE
            WHEN p.proname ~ '_to_xml(schema|_and_xmlschema)?$' THEN 2
            WHEN p.provolatile <> 'v' OR p.proname = ANY ($2) THEN 0
            WHEN p.proname = ANY ($3) THEN 1
            ELSE 2 END
        WHEN (p.provolatile <> 'v' OR p.proname = ANY ($2)) AND p.proparallel = 's'
            AND p.prolang IN (SELECT l.oid FROM pg_catalog.pg_language l WHERE l.lanname IN ('internal', 'c'))
            AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e') THEN 0
        ELSE 2 END AS verdict
    FROM pg_catalog.pg_proc p
),
relation(name, oid) AS (
    SELECT c.relname, c.oid FROM asked a JOIN pg_catalog.pg_class c ON c.relname = a.name
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION
    SELECT r.name, more.oid FROM relation r CROSS JOIN LATERAL (
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = r.oid
        UNION ALL
        SELECT t.tgconstrrelid FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = r.oid AND t.tgisinternal AND t.tgconstrrelid <> 0
            AND p.proname ~ '^RI_FKey_(cascade|setnull|setdefault)_'
    ) more(oid)
),
found(name, read, write, read_code, write_code) AS (
    SELECT proname, verdict, verdict, NULL, NULL FROM function WHERE proname IN (SELECT name FROM asked)
    UNION ALL
    SELECT o.oprname, f.verdict, f.verdict, NULL, NULL
    FROM pg_catalog.pg_operator o JOIN function f ON f.oid = o.oprcode WHERE o.oprname IN (SELECT name FROM asked)
    UNION ALL
    SELECT '::', f.verdict, f.verdict, NULL, NULL
    FROM pg_catalog.pg_cast k JOIN function f ON f.oid = k.castfunc
    WHERE k.oid >= 16384 AND '::' IN (SELECT name FROM asked)
    UNION ALL
    SELECT t.typname, 0, 0, k.code, k.code
    FROM pg_catalog.pg_type t CROSS JOIN LATERAL (
        SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid
    ) k(code)
    WHERE t.typtype = 'd' AND t.typname IN (SELECT name FROM asked)
    UNION ALL
    SELECT r.name, CASE c.relkind WHEN 'f' THEN 2 ELSE 0 END, CASE
        WHEN c.relkind = 'f'
            OR EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN')
            OR EXISTS (SELECT FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgfoid >= 16384) THEN 2
        ELSE 0 END, NULL, NULL
    FROM relation r JOIN pg_catalog.pg_class c ON c.oid = r.oid
    UNION ALL
    SELECT r.name, 0, 0, code.read, code.write
    FROM relation r JOIN pg_catalog.pg_class c ON c.oid = r.oid CROSS JOIN LATERAL (
        SELECT v.code, v.code FROM (SELECT pg_catalog.pg_get_viewdef(c.oid) AS code) v WHERE c.relkind = 'v'
        UNION ALL
        SELECT pg_catalog.pg_get_expr(p.polqual, c.oid), pg_catalog.pg_get_expr(p.polqual, c.oid)
        FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid
        UNION ALL
        SELECT NULL, pg_catalog.pg_get_expr(p.polwithcheck, c.oid) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid
        UNION ALL
        SELECT CASE WHEN a.attgenerated <> '' THEN d.code END, d.code
        FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL (
            SELECT pg_catalog.pg_get_expr(d.adbin, c.oid) FROM pg_catalog.pg_attrdef d
            WHERE d.adrelid = c.oid AND d.adnum = a.attnum
        ) d(code)
        WHERE a.attrelid = c.oid AND a.atthasdef AND d.code !~ '^nextval\(''[^'']*''::regclass\)$'
        UNION ALL
        SELECT NULL, pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'c'
        UNION ALL
        SELECT NULL, pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_constraint k ON k.contypid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0
        UNION ALL
        SELECT NULL, e.code FROM pg_catalog.pg_index i CROSS JOIN LATERAL (VALUES
            (pg_catalog.pg_get_expr(i.indexprs, c.oid)), (pg_catalog.pg_get_expr(i.indpred, c.oid))
        ) e(code) WHERE i.indrelid = c.oid
        UNION ALL
        SELECT NULL, pg_catalog.pg_get_partkeydef(c.oid) WHERE c.relkind = 'p'
    ) code(read, write)
)
SELECT name::text, pg_catalog.max(read), pg_catalog.max(write),
    pg_catalog.array_agg(DISTINCT read_code) FILTER (WHERE read_code IS NOT NULL),
    pg_catalog.array_agg(DISTINCT write_code) FILTER (WHERE write_code IS NOT NULL)
FROM found GROUP BY name";

/// Settings of the session while it is asked.
const LIMITS: [&str; 2] = ["jit", "statement_timeout"];

/// NOTE: the planner takes the question for an expensive one, and compiling it takes the server seconds in which it hears
/// neither a cancel nor the end of the session; run as it is, it takes milliseconds. It is no transaction with SET LOCAL:
/// a program that stops polling between two steps would leave that open.
fn limits() -> String {
    let [jit, statement_timeout] = LIMITS;
    let patience = PATIENCE.as_millis();
    format!("SET {jit} = off; SET {statement_timeout} = {patience}")
}

impl Wire {
    /// Asks for the names that are wanted, and for those that stand behind them. Without an answer the session is as good
    /// as it was.
    ///
    /// # Errors
    /// When nobody knows what the session's settings are now.
    pub(crate) async fn learn_names(&self, names: &Names) -> Result<(), Error> {
        let schema = names.schema();
        let mut wanted = names.take_wanted();
        let asked = timeout(PATIENCE, self.ask_within_limits(names, &mut wanted)).await;
        let asked = asked.unwrap_or_else(|_| {
            let message = format!("no answer within {PATIENCE:?}");
            Err(Error::new(ErrorKind::Timeout, message))
        });
        match asked {
            Ok(Ok(news)) => names.learn(schema, news),
            Ok(Err(error)) => give_up(names, &error),
            Err(error) => {
                give_up(names, &error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// The answer; outside of it what went wrong with the session.
    async fn ask_within_limits(
        &self,
        names: &Names,
        wanted: &mut BTreeSet<Box<str>>,
    ) -> Result<Result<HashMap<Box<str>, Name>, Error>, Error> {
        self.batch(&limits()).await?;
        let news = self.follow_names(names, wanted).await;
        self.reset(LIMITS).await?;
        Ok(news)
    }

    async fn follow_names(
        &self,
        names: &Names,
        wanted: &mut BTreeSet<Box<str>>,
    ) -> Result<HashMap<Box<str>, Name>, Error> {
        let mut news: HashMap<Box<str>, Name> = HashMap::new();
        for _ in 0..ROUNDS_MAX {
            let round: Vec<Box<str>> = std::mem::take(wanted).into_iter().collect();
            let mut called = BTreeSet::new();
            for asked in round.chunks(ASKED_MAX) {
                for (text, name) in self.ask(asked).await? {
                    called.extend(name.read.calls.iter().chain(&name.write.calls).cloned());
                    news.insert(text, name);
                }
            }
            called.retain(|name| !news.contains_key(name));
            *wanted = names.unknown(&called);
            if wanted.is_empty() {
                break;
            }
        }
        news.extend(
            std::mem::take(wanted)
                .into_iter()
                .map(|text| (text, Name::unknown())),
        );
        Ok(news)
    }

    async fn ask(&self, names: &[Box<str>]) -> Result<HashMap<Box<str>, Name>, Error> {
        let texts: Vec<&str> = names.iter().map(|name| &**name).collect();
        let (harmless, for_sessions) = (HARMLESS.as_slice(), FOR_SESSIONS.as_slice());
        let params: TypedParams<'_> = &[
            (&texts, Type::TEXT_ARRAY),
            (&harmless, Type::TEXT_ARRAY),
            (&for_sessions, Type::TEXT_ARRAY),
        ];
        let rows = self.query_once(SQL, params).await?;
        // What the catalogue does not know is a column, an alias or a mistake: nothing stands behind it.
        let mut found: HashMap<Box<str>, Name> = names
            .iter()
            .map(|name| (name.clone(), Name::default()))
            .collect();
        for row in &rows {
            let text: String = row.get(0)?;
            found.insert(text.into(), Name::read(row)?);
        }
        Ok(found)
    }
}

fn give_up(names: &Names, error: &Error) {
    tracing::warn!(
        error = %Chain(error),
        "the catalogue does not say what a statement may leave behind: its sessions are cleaned each time, and it stays off \
         the lanes"
    );
    names.pause();
}

impl Name {
    fn read(row: &Row) -> Result<Self, Error> {
        let effect = |verdict: usize, code: usize| -> Result<Effect, Error> {
            let texts: Option<Vec<String>> = row.get(code)?;
            let texts = texts.unwrap_or_default();
            Ok(Effect {
                verdict: match row.get::<i32>(verdict)? {
                    0 => Verdict::Nothing,
                    1 => Verdict::Once,
                    _ => Verdict::Something,
                },
                calls: texts
                    .iter()
                    .flat_map(|code| Footprint::names_in(code))
                    .collect(),
            })
        };
        Ok(Self {
            read: effect(1, 3)?,
            write: effect(2, 4)?,
        })
    }

    fn unknown() -> Self {
        let effect = Effect {
            verdict: Verdict::Something,
            calls: BTreeSet::new(),
        };
        Self {
            read: effect.clone(),
            write: effect,
        }
    }
}
