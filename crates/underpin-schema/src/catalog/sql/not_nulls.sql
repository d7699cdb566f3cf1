-- PostgreSQL 18 knows NOT NULL as constraints.
SELECT k.oid, k.conrelid AS relation, k.conkey[1]::int AS number, k.conname::text AS name,
       k.convalidated AS validated, NOT k.connoinherit AS inherits
FROM pg_constraint k
WHERE k.contype = 'n' AND k.conrelid <> 0 AND k.connamespace = ANY ($1)
