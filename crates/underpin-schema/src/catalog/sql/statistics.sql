-- PostgreSQL writes the columns in the order in which they were added, which no statement can change: here by name.
SELECT s.oid, n.nspname::text AS schema, s.stxname::text AS name,
       coalesce(replace(definition, ' ON ' || c.by_place, ' ON ' || c.by_name), definition) AS definition,
       NULLIF(s.stxstattarget, -1)::int AS target
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
CROSS JOIN LATERAL pg_get_statisticsobjdef(s.oid) AS definition
CROSS JOIN LATERAL (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS by_place,
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) AS by_name
    FROM pg_attribute a
    WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys::int2[])
) c
WHERE s.stxnamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 3381 AND e.objid = s.oid AND e.deptype = 'e'
  )
