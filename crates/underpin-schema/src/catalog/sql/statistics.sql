SELECT s.oid, n.nspname::text AS schema, s.stxname::text AS name,
       pg_get_statisticsobjdef(s.oid) AS definition,
       NULLIF(s.stxstattarget, -1)::int AS target
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE s.stxnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 3381 AND e.objid = s.oid AND e.deptype = 'e'
  )
