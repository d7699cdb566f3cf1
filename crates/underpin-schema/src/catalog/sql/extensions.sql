WITH offered AS MATERIALIZED (SELECT a.name, a.comment FROM pg_available_extensions() a)
SELECT e.oid, e.extname::text AS name, n.nspname::text AS schema, e.extversion AS version,
       (SELECT o.comment FROM offered o WHERE o.name = e.extname) AS usual_comment
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
