SELECT k.oid, k.contypid AS domain, k.conname::text AS name,
       pg_get_expr(k.conbin, 0) AS expression,
       k.convalidated AS validated
FROM pg_constraint k
WHERE k.contype = 'c' AND k.contypid <> 0 AND k.connamespace = ANY ($1)
