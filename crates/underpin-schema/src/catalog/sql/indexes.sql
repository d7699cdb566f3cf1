-- That of a constraint is told with it. It depends on the constraint: pg_constraint itself has no index to be asked by.
SELECT i.oid, x.indrelid AS relation, n.nspname::text AS schema, i.relname::text AS name,
       am.amname::text AS method,
       x.indisunique AS is_unique,
       NOT {{15: x.indnullsnotdistinct | false}} AS nulls_distinct,
       pg_get_expr(x.indpred, x.indrelid) AS predicate,
       i.reloptions AS parameters,
       s.spcname::text AS tablespace,
       x.indisclustered AS clustered,
       x.indisreplident AS replica_identity,
       x.indisvalid AS valid,
       i.relkind = 'I' AS partitioned,
       pn.nspname::text AS parent_schema,
       p.relname::text AS parent_name
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
JOIN pg_am am ON am.oid = i.relam
LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
LEFT JOIN pg_inherits h ON h.inhrelid = i.oid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relkind IN ('r', 'p', 'm')
  AND c.relpersistence <> 't'
  AND c.relnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend k WHERE k.classid = 1259 AND k.objid = i.oid AND k.refclassid = 2606 AND k.deptype = 'i'
  )
