-- The kinds and names of objects; NULL in a schema that is not read.
SELECT CASE
           WHEN cardinality(a.object_names) < 2 OR n.oid IS NULL OR n.oid = ANY ($1)
               OR n.nspname IN ('pg_catalog', 'information_schema')
           THEN i.type || ' ' || i.identity
       END AS name
FROM unnest($2::oid[], $3::oid[], $4::int4[]) WITH ORDINALITY AS o (class, object, part, place)
CROSS JOIN LATERAL pg_identify_object(o.class, o.object, o.part) i
CROSS JOIN LATERAL pg_identify_object_as_address(o.class, o.object, o.part) a
LEFT JOIN pg_namespace n ON n.nspname = a.object_names[1]
ORDER BY o.place
