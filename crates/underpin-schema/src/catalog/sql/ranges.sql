SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       format_type(r.rngsubtype, NULL) AS subtype,
       opn.nspname::text AS operator_class_schema,
       op.opcname::text AS operator_class_name,
       cn.nspname::text AS collation_schema,
       c.collname::text AS collation_name,
       dn.nspname::text AS difference_schema,
       d.proname::text AS difference_name,
       mn.nspname::text AS multirange_schema,
       m.typname::text AS multirange_name,
       m.oid AS multirange
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_range r ON r.rngtypid = t.oid
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_namespace mn ON mn.oid = m.typnamespace
LEFT JOIN pg_opclass op ON op.oid = r.rngsubopc AND NOT op.opcdefault
LEFT JOIN pg_namespace opn ON opn.oid = op.opcnamespace
LEFT JOIN pg_collation c ON c.oid = r.rngcollation AND r.rngcollation <> s.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace
LEFT JOIN pg_proc d ON d.oid = r.rngsubdiff
LEFT JOIN pg_namespace dn ON dn.oid = d.pronamespace
WHERE t.typtype = 'r'
  AND t.typnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype = 'e'
  )
