SELECT x.indexrelid AS index,
       place > x.indnkeyatts AS is_included,
       t.attname::text AS column_name,
       CASE WHEN t.attname IS NULL THEN pg_get_indexdef(x.indexrelid, place, false) END AS expression,
       cn.nspname::text AS collation_schema,
       co.collname::text AS collation_name,
       opn.nspname::text AS operator_class_schema,
       op.opcname::text AS operator_class_name,
       a.attoptions AS operator_class_options,
       COALESCE(x.indoption[place - 1] & 1 = 1, false) AS descending,
       COALESCE(x.indoption[place - 1] & 2 = 2, false) AS nulls_first,
       NULLIF(a.attstattarget, -1)::int AS statistics
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
CROSS JOIN LATERAL generate_series(1, x.indnatts) AS place
JOIN pg_attribute a ON a.attrelid = x.indexrelid AND a.attnum = place
LEFT JOIN pg_attribute t ON t.attrelid = x.indrelid AND t.attnum = x.indkey[place - 1] AND x.indkey[place - 1] <> 0
LEFT JOIN pg_type ty ON ty.oid = COALESCE(t.atttypid, a.atttypid)
-- An index says its collation when it is not that of the column; of an expression, when it is not that of its type.
LEFT JOIN pg_collation co
    ON place <= x.indnkeyatts
    AND co.oid = x.indcollation[place - 1]
    AND co.oid <> COALESCE(t.attcollation, ty.typcollation)
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN LATERAL (
    SELECT o.opcname, o.opcnamespace
    FROM pg_opclass o
    WHERE place <= x.indnkeyatts
      AND o.oid = x.indclass[place - 1]
      AND (
          -- What the server notes there for itself is no reason to name the class.
          EXISTS (SELECT FROM unnest(a.attoptions) AS option WHERE option NOT LIKE 'pg\_%')
          OR NOT o.opcdefault
          OR (o.opcintype <> ty.oid AND EXISTS (
              SELECT FROM pg_opclass better
              WHERE better.opcmethod = o.opcmethod AND better.opcdefault AND better.opcintype = ty.oid
          ))
      )
) op ON true
LEFT JOIN pg_namespace opn ON opn.oid = op.opcnamespace
WHERE c.relkind IN ('r', 'p', 'm')
  AND c.relpersistence <> 't'
  AND c.relnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend k WHERE k.classid = 1259 AND k.objid = i.oid AND k.refclassid = 2606 AND k.deptype = 'i'
  )
ORDER BY x.indexrelid, place
