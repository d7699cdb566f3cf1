SELECT g.oid, g.tgrelid AS relation, g.tgname::text AS name,
       pg_get_triggerdef(g.oid) AS definition,
       g.tgenabled::text AS fires,
       n.nspname::text AS function_schema,
       p.proname::text AS function_name,
       oidvectortypes(p.proargtypes) AS function_arguments
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_proc p ON p.oid = g.tgfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE NOT g.tgisinternal
  AND g.tgparentid = 0
  AND c.relnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 2620 AND e.objid = g.oid AND e.deptype = 'e'
  )
