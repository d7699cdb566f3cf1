//! Random documents, most of them bad in some way: what an import says it stored is stored, to the byte, and no document
//! stands in the way of another.

use crate::support::registry;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use underpin_pool::Database;
use underpin_stores::registry::{Importer, Source};

const ROUNDS: u64 = 30;
const DOCUMENTS: usize = 40;

/// Fields that a document may get in addition; half of them are harmless.
const FIELDS: [&str; 34] = [
    r#""k":"a\u0000","k":"c""#,
    r#""k":{"a":["\u0000"]},"k":1"#,
    r#""k\u0000":1"#,
    r#""k":"\u0000""#,
    r#""version":"9.9.9""#,
    r#""\u006eame":"a/b""#,
    r#""description":"again""#,
    r#""k":{"a":1,"\u0061":2}"#,
    r#""k":{"a":1,"A":2}"#,
    r#""k":"\ud800""#,
    r#""k":"\udc00\ud800""#,
    r#""k":"\ud83d\ude00""#,
    r#""\ud800":1"#,
    r#""k":1e400"#,
    r#""k":-1e308"#,
    r#""k":1e-400"#,
    r#""k":1e-20000"#,
    r#""k":0e999999999999"#,
    r#""k":0e-99999"#,
    r#""k":-0"#,
    r#""k":-0.0"#,
    r#""k":123456789012345678901234567890.12345678901234567890"#,
    r#""k":1E+5"#,
    r#""k":01"#,
    r#""k":+1"#,
    r#""k":NaN"#,
    r#""k":"\x""#,
    "\"k\":\"\u{1}\"",
    "\"k\":\"\u{85}\u{202e}\u{feff}\u{ffff}\"",
    "\"k\" : [ ]\t\r\n",
    r#""title":"""#,
    r#""packages":[{"version":"latest","version":"1"}]"#,
    r#""_meta":{"io.modelcontextprotocol.registry/publisher-provided":{"a":"\u0000","a":1}}"#,
    r#""$schema":7"#,
];

/// What a registry may say about a document.
const OFFICIALS: [&str; 7] = [
    r#"{"status":"active"}"#,
    r#"{"status":"active","status":"deleted"}"#,
    r#"{"publishedAt":"2026-01-01T00:00:00Z"}"#,
    r#"{"publishedAt":"-005000-01-01T00:00:00Z"}"#,
    r#"{"statusChangedAt":"9999-12-30T00:00:00Z"}"#,
    r#"{"statusMessage":"a\u0000b"}"#,
    r#"{"isLatest":true,"publishedAt":"1e400"}"#,
];

/// A document and whether it must be stored.
struct Made {
    name: String,
    bytes: Vec<u8>,
    is_good: bool,
}

fn made(random: &mut StdRng, name: String) -> Made {
    let mut extra: Vec<String> = Vec::new();
    for _ in 0..random.random_range(0..3) {
        extra.push(match random.random_range(0..12) {
            0 => format!("\"k\":{}{}", "[".repeat(100), "]".repeat(100)),
            1 => format!("\"k\":{}{}", "[".repeat(200), "]".repeat(200)),
            2 => format!("\"k\":0.{}1", "0".repeat(20_000)),
            3 => format!("\"k\":\"{}\"", "x".repeat(100_000)),
            _ => String::from(*FIELDS.choose(random).unwrap()),
        });
    }
    let is_good = extra.is_empty();
    let mut fields = vec![
        format!("\"name\":\"{name}\""),
        String::from("\"version\":\"1.0.0\""),
        String::from("\"description\":\"caf\\u00e9\""),
    ];
    for field in extra {
        fields.insert(random.random_range(0..=fields.len()), field);
    }
    let mut bytes = format!("{{{}}}", fields.join(", ")).into_bytes();
    let is_spoilt = random.random_range(0..10) == 0;
    if is_spoilt {
        // A byte that is no UTF-8, inside the description.
        let at = bytes.windows(3).position(|bytes| bytes == b"caf").unwrap();
        bytes.insert(at, 0xff);
    }
    Made {
        name,
        bytes,
        is_good: is_good && !is_spoilt,
    }
}

/// The database refuses some rows for reasons that no rule foresees.
async fn with_surprises(db: &Database) {
    db.batch(
        "CREATE FUNCTION surprise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF NEW.name LIKE '%5' THEN RAISE EXCEPTION 'surprise' USING ERRCODE = 'XX000'; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER surprise BEFORE INSERT ON registry_server_versions FOR EACH ROW EXECUTE FUNCTION surprise()",
    )
    .await
    .unwrap();
}

/// Documents one by one, and in a list, some with what a registry says about them. A document that no JSON parser could
/// find the end of is a source of its own.
fn sources(random: &mut StdRng, documents: &mut [Made]) -> Vec<Source> {
    let mut list = Vec::new();
    let mut sources = Vec::new();
    for document in documents {
        let lossy = String::from_utf8_lossy(&document.bytes);
        let is_findable = serde_json::from_str::<&serde_json::value::RawValue>(&lossy).is_ok();
        if !is_findable || random.random_range(0..4) == 0 {
            sources.push(Source::from_bytes(&document.name, document.bytes.clone()));
            continue;
        }
        if !list.is_empty() {
            list.extend_from_slice(b",\n");
        }
        if random.random_range(0..3) == 0 {
            let official = OFFICIALS.choose(random).unwrap();
            document.is_good &= OFFICIALS[..1].contains(official) || official == &OFFICIALS[2];
            list.extend_from_slice(b"{\"server\":");
            list.extend_from_slice(&document.bytes);
            let meta = format!(
                ",\"_meta\":{{\"io.modelcontextprotocol.registry/official\":{official}}}}}"
            );
            list.extend_from_slice(meta.as_bytes());
        } else {
            list.extend_from_slice(&document.bytes);
        }
    }
    let list = [&b"{\"servers\":["[..], &list, b"]}"].concat();
    sources.push(Source::from_bytes("list", list));
    sources
}

#[tokio::test]
async fn what_an_import_says_it_stored_is_stored_and_no_document_stops_another() {
    let db = registry().await;
    let db = db.database();
    with_surprises(db).await;
    let (mut stored, mut rejected) = (0, 0);
    for seed in 0..ROUNDS {
        let mut random = StdRng::seed_from_u64(seed);
        let mut documents: Vec<Made> = (0..DOCUMENTS)
            .map(|number| made(&mut random, format!("r{seed}/s{number}")))
            .collect();
        let mut importer = Importer::new(db);
        for source in sources(&mut random, &mut documents) {
            importer
                .add(&source)
                .await
                .unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        }
        let report = importer
            .finish()
            .await
            .unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        assert_eq!(report.read, DOCUMENTS, "seed {seed}: {:?}", report.problems);
        assert_eq!(report.imported + report.rejected, DOCUMENTS, "seed {seed}");

        let rows = rows(db, seed).await;
        assert_eq!(rows.len(), report.imported, "seed {seed}");
        let named: BTreeSet<&str> = report
            .problems
            .iter()
            .filter_map(|problem| problem.name.as_deref())
            .collect();
        for document in &documents {
            let is_surprise = document.name.ends_with('5');
            let row = rows.get(&document.name);
            assert!(
                !is_surprise || row.is_none(),
                "seed {seed}: {}",
                document.name
            );
            assert!(
                row.is_some() || is_surprise || !document.is_good,
                "seed {seed}: {} was refused: {:?}",
                document.name,
                report.problems
            );
            if is_surprise && document.is_good {
                assert!(named.contains(document.name.as_str()), "seed {seed}");
            }
            if let Some((text, queried)) = row {
                assert_eq!(text.as_bytes(), document.bytes, "seed {seed}");
                assert_eq!(read(text), read(queried), "seed {seed}: {text}");
            }
        }
        stored += report.imported;
        rejected += report.rejected;
    }
    println!("{stored} stored, {rejected} rejected");
    assert!(stored > 200 && rejected > 200, "{stored} {rejected}");
}

/// What a client reads. jsonb has its own spelling of the same number, and no negative zero.
fn read(text: &str) -> Value {
    fn settle(value: &mut Value) {
        match value {
            Value::Number(number) => *value = Value::from(number.as_f64().unwrap() + 0.0),
            Value::Array(elements) => elements.iter_mut().for_each(settle),
            Value::Object(fields) => fields.values_mut().for_each(settle),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap();
    settle(&mut value);
    value
}

/// The text and the jsonb of each server of a round.
async fn rows(db: &Database, seed: u64) -> BTreeMap<String, (String, String)> {
    let sql = "SELECT name, document, document_json::text FROM registry_server_versions WHERE name LIKE $1";
    let rows = db.query(sql, &[&format!("r{seed}/%")]).await.unwrap();
    rows.iter()
        .map(|row| {
            let texts = (row.get(1).unwrap(), row.get(2).unwrap());
            (row.get(0).unwrap(), texts)
        })
        .collect()
}
