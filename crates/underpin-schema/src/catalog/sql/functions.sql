SELECT p.oid, n.nspname::text AS schema, p.proname::text AS name,
       oidvectortypes(p.proargtypes) AS types,
       p.prokind::text AS kind,
       pg_get_function_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS returns,
       l.lanname::text AS language,
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 1255 AND e.objid = p.oid AND e.deptype IN ('e', 'i')
  )
