-- The columns of tables of the catalog, and whose numbers are in them.
SELECT r.oid AS class, r.relname::text AS catalog, a.attname::text AS name, t.typname::text AS type,
       has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable,
       k.pktable::oid AS refers_to,
       COALESCE(k.is_array, false) AS is_array,
       CASE WHEN cardinality(k.fkcols) = 2 THEN k.fkcols[1] END AS relation_column
FROM pg_class r
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_get_catalog_foreign_keys() k
    ON k.fktable::oid = r.oid AND k.fkcols[cardinality(k.fkcols)] = a.attname::text
WHERE r.relnamespace = 'pg_catalog'::regnamespace
  AND r.relname = ANY ($1)
ORDER BY r.relname, a.attnum
