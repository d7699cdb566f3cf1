-- The trigger of a partitioned table is one of each partition, too, where it can be switched off by itself.
WITH RECURSIVE clones (root, fires, clone) AS (
    SELECT g.oid, g.tgenabled, g.oid FROM pg_trigger g WHERE NOT g.tgisinternal AND g.tgparentid = 0
    UNION ALL
    SELECT c.root, c.fires, g.oid FROM clones c JOIN pg_trigger g ON g.tgparentid = c.clone
)
SELECT c.root, g.tgrelid AS relation, g.tgenabled::text AS fires
FROM clones c
JOIN pg_trigger g ON g.oid = c.clone
WHERE g.tgenabled <> c.fires
