SELECT 1259::oid AS class, c.oid AS object, pg_get_userbyid(c.relowner)::text AS owner
FROM pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c') AND c.relnamespace = ANY ($1)
UNION ALL
SELECT 1255, p.oid, pg_get_userbyid(p.proowner)::text FROM pg_proc p WHERE p.pronamespace = ANY ($1)
UNION ALL
SELECT 1247, t.oid, pg_get_userbyid(t.typowner)::text
FROM pg_type t
WHERE t.typtype IN ('e', 'd', 'r') AND t.typnamespace = ANY ($1)
UNION ALL
SELECT 2615, n.oid, pg_get_userbyid(n.nspowner)::text FROM pg_namespace n WHERE n.oid = ANY ($1) AND n.nspname <> 'public'
UNION ALL
SELECT 3456, c.oid, pg_get_userbyid(c.collowner)::text FROM pg_collation c WHERE c.collnamespace = ANY ($1)
UNION ALL
SELECT 3381, s.oid, pg_get_userbyid(s.stxowner)::text FROM pg_statistic_ext s WHERE s.stxnamespace = ANY ($1)
