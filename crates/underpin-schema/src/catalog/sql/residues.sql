-- What the facts of an object do not tell.
SELECT 1259::oid AS class, c.oid AS object, 0 AS part, 'type that it is a table of' AS what,
       (pg_identify_object(1247, c.reloftype, 0)).identity AS value,
       true AS makes_its_table, false AS of_server
FROM pg_class c
WHERE c.reloftype <> 0
UNION ALL
SELECT 1259, h.inhrelid, 0, 'begun to be detached from its parent', NULL, false, false
FROM pg_inherits h
WHERE h.inhdetachpending
UNION ALL
-- A foreign key is not held where its triggers are switched off.
SELECT 2606, g.tgconstraint, 0, 'switched-off triggers',
       string_agg(concat_ws(' ', g.tgrelid::regclass, g.tgtype, g.tgenabled), ', ' ORDER BY g.tgrelid::regclass::text, g.tgtype),
       false, false
FROM pg_trigger g
WHERE g.tgisinternal AND g.tgconstraint <> 0 AND g.tgenabled <> 'O'
GROUP BY g.tgconstraint
UNION ALL
SELECT l.classoid, l.objoid, l.objsubid, 'security label of ' || l.provider, l.label, false, false
FROM pg_seclabel l
UNION ALL
-- Rights on what came with the server are kept as initdb gave them in pg_init_privs, but for those of information_schema, which
-- everybody may read.
SELECT p.class, p.object, p.part, 'privileges', p.changes, false, true
FROM (
    SELECT o.class, o.object, o.part, (
        SELECT string_agg(g.text, ', ' ORDER BY g.text) FROM (
            SELECT concat_ws(' ', x.sign, CASE WHEN x.grantee = o.owner THEN '' ELSE pg_get_userbyid(NULLIF(x.grantee, 0))::text END,
                x.privilege_type, x.is_grantable) AS text
            FROM (
                (
                    SELECT '+' AS sign, h.grantee, h.privilege_type, h.is_grantable FROM aclexplode(o.held) h
                    EXCEPT SELECT '+', u.grantee, u.privilege_type, u.is_grantable FROM aclexplode(o.usual) u
                )
                UNION ALL (
                    SELECT '-', u.grantee, u.privilege_type, u.is_grantable FROM aclexplode(o.usual) u
                    EXCEPT SELECT '-', h.grantee, h.privilege_type, h.is_grantable FROM aclexplode(o.held) h
                )
            ) x
        ) g
    ) AS changes
    FROM (
        SELECT a.class, a.object, a.part, a.owner, a.held, COALESCE(
                   i.initprivs,
                   acldefault(a.kind, a.owner) || CASE
                       WHEN a.schema = 'information_schema' AND a.kind IN ('r', 'n')
                       THEN ARRAY[makeaclitem(0, a.owner, CASE a.kind WHEN 'r' THEN 'SELECT' ELSE 'USAGE' END, false)]
                       ELSE '{}'
                   END
               ) AS usual
        FROM (
            SELECT 1259::oid AS class, c.oid AS object, 0 AS part, c.relowner AS owner, c.relacl AS held, 'r'::"char" AS kind,
                   (SELECT n.nspname FROM pg_namespace n WHERE n.oid = c.relnamespace) AS schema
            FROM pg_class c WHERE c.relacl IS NOT NULL AND c.oid < 16384
            UNION ALL
            SELECT 1259, c.oid, t.attnum::int, c.relowner, t.attacl, 'c', NULL
            FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
            WHERE t.attacl IS NOT NULL AND t.attrelid < 16384
            UNION ALL
            SELECT 1255, f.oid, 0, f.proowner, f.proacl, 'f', NULL FROM pg_proc f WHERE f.proacl IS NOT NULL AND f.oid < 16384
            UNION ALL
            SELECT 1247, t.oid, 0, t.typowner, t.typacl, 'T', NULL FROM pg_type t WHERE t.typacl IS NOT NULL AND t.oid < 16384
            UNION ALL
            SELECT 2612, l.oid, 0, l.lanowner, l.lanacl, 'l', NULL FROM pg_language l WHERE l.lanacl IS NOT NULL AND l.oid < 16384
            UNION ALL
            SELECT 2615, n.oid, 0, n.nspowner, n.nspacl, 'n', n.nspname
            FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND n.oid < 16384 AND n.nspname <> 'public'
        ) a
        LEFT JOIN pg_init_privs i ON i.objoid = a.object AND i.classoid = a.class AND i.objsubid = a.part
        WHERE a.held IS DISTINCT FROM i.initprivs
    ) o
) p
WHERE p.changes IS NOT NULL
