-- Tables, views, materialised views and composite types.
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       c.relkind::text AS kind,
       c.reltype AS row_type,
       c.relpersistence = 'u' AS unlogged,
       c.relispopulated AS populated,
       c.relrowsecurity AS row_security,
       c.relforcerowsecurity AS forces_row_security,
       c.relreplident::text AS replica_identity,
       ARRAY(SELECT unnest(c.reloptions) UNION ALL SELECT 'toast.' || unnest(toast.reloptions)) AS parameters,
       CASE WHEN c.relkind IN ('r', 'm', 'p') THEN NULLIF(am.amname::text, 'heap') END AS access_method,
       s.spcname::text AS tablespace,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
       p.schemas AS parent_schemas,
       p.names AS parent_names,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN LATERAL (
    SELECT array_agg(pn.nspname::text ORDER BY i.inhseqno) AS schemas,
           array_agg(pc.relname::text ORDER BY i.inhseqno) AS names
    FROM pg_inherits i
    JOIN pg_class pc ON pc.oid = i.inhparent
    JOIN pg_namespace pn ON pn.oid = pc.relnamespace
    WHERE i.inhrelid = c.oid AND NOT i.inhdetachpending
) p ON true
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'c')
  AND c.relpersistence <> 't'
  AND c.relnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 1259 AND e.objid = c.oid AND e.deptype = 'e'
  )
