SELECT r.oid, r.ev_class AS relation, r.rulename::text AS name,
       pg_get_ruledef(r.oid) AS definition,
       r.ev_enabled::text AS fires,
       r.rulename = '_RETURN' AS makes_the_view,
       c.relkind = 'm' AS is_materialised
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = ANY ($1)
