SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       format_type(t.typbasetype, t.typtypmod) AS data_type,
       cn.nspname::text AS collation_schema,
       c.collname::text AS collation_name,
       COALESCE(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)) AS default_value,
       t.typnotnull AS not_null
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation c ON c.oid = t.typcollation AND t.typcollation <> b.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace
WHERE t.typtype = 'd'
  AND t.typnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype = 'e'
  )
