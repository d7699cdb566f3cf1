SELECT t.typarray AS alias, t.oid AS type
FROM pg_type t
WHERE t.typarray <> 0 AND t.oid >= 16384
