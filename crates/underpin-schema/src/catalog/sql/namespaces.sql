SELECT n.oid, n.nspname::text AS name,
       EXISTS (
           SELECT FROM pg_depend e WHERE e.classid = 2615 AND e.objid = n.oid AND e.deptype = 'e'
       ) AS of_extension
FROM pg_namespace n
WHERE n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND ($1::text[] IS NULL OR n.nspname = ANY ($1))
  AND n.nspname <> ALL ($2::text[])
ORDER BY n.nspname
