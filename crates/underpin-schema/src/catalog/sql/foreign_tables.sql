-- All of a relation that has no facts, its parts too.
SELECT c.oid AS object,
       i.type || ' ' || i.identity AS description,
       c.relkind::text AS kind,
       c.relpersistence::text AS persistence,
       array_to_string(c.reloptions, ', ') AS options,
       s.srvname::text AS server,
       array_to_string(f.ftoptions, ', ') AS server_options,
       (
           SELECT string_agg(
               concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                   NULLIF(a.attcollation, t.typcollation)::regcollation, pg_get_expr(d.adbin, d.adrelid),
                   array_to_string(a.attfdwoptions, ', ')),
               ', ' ORDER BY a.attname
           )
           FROM pg_attribute a
           JOIN pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       ) AS columns,
       (
           SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid)), ', ' ORDER BY k.conname)
           FROM pg_constraint k
           WHERE k.conrelid = c.oid
       ) AS constraints,
       (
           SELECT string_agg(concat_ws(' ', pg_get_triggerdef(g.oid), g.tgenabled), ', ' ORDER BY g.tgname)
           FROM pg_trigger g
           WHERE g.tgrelid = c.oid AND NOT g.tgisinternal
       ) AS triggers,
       (
           SELECT string_agg(concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled), ', ' ORDER BY r.rulename)
           FROM pg_rewrite r
           WHERE r.ev_class = c.oid
       ) AS rules,
       (
           SELECT string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno)
           FROM pg_inherits h
           WHERE h.inhrelid = c.oid
       ) AS parents,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
       concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity) AS row_security
FROM pg_class c
LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) i
WHERE c.oid = ANY ($1)
