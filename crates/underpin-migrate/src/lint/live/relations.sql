-- What lint asks the catalog about each table that a migration names, as one JSON object a table.
SELECT DISTINCT json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'kind', c.relkind,
    'rows', (
        SELECT CASE WHEN min(leaf.reltuples) >= 0 THEN sum(leaf.reltuples) END
        FROM pg_class AS leaf
        WHERE leaf.oid = c.oid AND c.relkind <> 'p'
           OR c.relkind = 'p' AND leaf.relkind <> 'p' AND leaf.oid IN (SELECT relid FROM pg_partition_tree(c.oid))
    ),
    'bytes', CASE WHEN c.relkind = 'p'
        THEN (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::int8 FROM pg_partition_tree(c.oid))
        ELSE pg_total_relation_size(c.oid)
    END,
    'columns', (
        SELECT coalesce(json_agg(json_build_object(
            'name', a.attname, 'ty', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull
        ) ORDER BY a.attnum), '[]')
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    'indexes', (
        SELECT coalesce(json_agg(json_build_object(
            'name', ic.relname, 'valid', i.indisvalid, 'unique', i.indisunique,
            'columns', (
                SELECT coalesce(json_agg(a.attname ORDER BY k.position), '[]')
                FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
                WHERE k.position <= i.indnkeyatts AND i.indpred IS NULL
            )
        ) ORDER BY ic.relname), '[]')
        FROM pg_index AS i JOIN pg_class AS ic ON ic.oid = i.indexrelid
        WHERE i.indrelid = c.oid
    ),
    'checks', (
        SELECT coalesce(json_agg(json_build_object(
            'name', k.conname, 'definition', pg_get_constraintdef(k.oid),
            'columns', (
                SELECT coalesce(json_agg(a.attname), '[]')
                FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
            )
        ) ORDER BY k.conname), '[]')
        FROM pg_constraint AS k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated
    ),
    'partition_key', (
        SELECT coalesce(json_agg(a.attname), '[]')
        FROM pg_partitioned_table AS p
        JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[])
        WHERE p.partrelid = c.oid
    ),
    'deferred', EXISTS (
        SELECT FROM pg_constraint AS k WHERE c.oid IN (k.conrelid, k.confrelid) AND k.condeferred
    )
)::text
FROM unnest($1::text[]) AS asked (name)
JOIN pg_class AS c ON c.oid = to_regclass(asked.name)
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f')
