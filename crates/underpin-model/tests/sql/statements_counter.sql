-- insert
INSERT INTO "counters" ("label") VALUES ($1) RETURNING "id", "hits", "label"
-- get
SELECT "id", "hits", "label" FROM "counters" WHERE "id" = $1
-- get_any
SELECT "id", "hits", "label" FROM "counters" WHERE "id" = $1
-- lock
SELECT "id", "hits", "label" FROM "counters" WHERE "id" = $1 FOR UPDATE
-- delete
DELETE FROM "counters" WHERE "id" = $1
-- restore

-- purge
DELETE FROM "counters" WHERE "id" = $1
-- by_key
"id" = $1
-- touch

