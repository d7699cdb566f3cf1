SELECT c.oid, n.nspname::text AS schema, c.collname::text AS name,
       c.collprovider::text AS provider,
       c.collisdeterministic AS deterministic,
       c.collcollate::text AS lc_collate,
       c.collctype::text AS lc_ctype,
       {{17: c.colllocale | 15: c.colliculocale | c.collcollate}}::text AS locale,
       {{16: c.collicurules | NULL}}::text AS rules
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE c.collnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 3456 AND e.objid = c.oid AND e.deptype = 'e'
  )
