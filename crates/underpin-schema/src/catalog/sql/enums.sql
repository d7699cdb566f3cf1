SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       ARRAY(
           SELECT l.enumlabel::text FROM pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder
       ) AS labels
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'
  AND t.typnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype = 'e'
  )
