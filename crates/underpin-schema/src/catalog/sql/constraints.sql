-- What PostgreSQL adds for each partition that a foreign key refers to is left out: its parent is of the same table.
SELECT k.oid, k.conrelid AS relation, k.conname::text AS name, k.contype::text AS kind,
       k.condeferrable AS deferrable, k.condeferred AS deferred,
       k.convalidated AS validated,
       {{18: k.conenforced | true}} AS enforced,
       k.conislocal AS is_own,
       k.coninhcount > 0 AS is_inherited,
       NOT k.connoinherit AS inherits,
       pg_get_expr(k.conbin, k.conrelid) AS expression,
       CASE WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END AS definition,
       ARRAY(
           SELECT a.attname::text
           FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
           ORDER BY u.place
       ) AS columns,
       fn.nspname::text AS referenced_schema,
       f.relname::text AS referenced_name,
       ARRAY(
           SELECT a.attname::text
           FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
           ORDER BY u.place
       ) AS referenced,
       k.confupdtype::text AS on_update,
       k.confdeltype::text AS on_delete,
       {{15: ARRAY(
           SELECT a.attname::text
           FROM unnest(k.confdelsetcols) WITH ORDINALITY AS u (number, place)
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
           ORDER BY u.place
       ) | '{}'::text[]}} AS on_delete_columns,
       k.confmatchtype::text AS matching,
       {{18: k.conperiod | false}} AS period,
       i.oid AS index,
       ARRAY(
           SELECT a.attname::text
           FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS u (number, place)
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
           WHERE u.place > x.indnkeyatts
           ORDER BY u.place
       ) AS include,
       NOT {{15: COALESCE(x.indnullsnotdistinct, false) | false}} AS nulls_distinct,
       COALESCE(x.indisvalid, true) AS complete,
       x.indisclustered AS clustered,
       x.indisreplident AS replica_identity,
       i.reloptions AS parameters,
       s.spcname::text AS tablespace,
       pn.nspname::text AS part_of_schema,
       p.relname::text AS part_of_name
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_class f ON f.oid = k.confrelid AND k.contype = 'f'
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_class i ON i.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_index x ON x.indexrelid = i.oid
LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
LEFT JOIN pg_inherits h ON h.inhrelid = i.oid AND k.conparentid = 0
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN pg_constraint parent ON parent.oid = k.conparentid
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
  AND c.relnamespace = ANY ($1)
  AND parent.conrelid IS DISTINCT FROM k.conrelid
