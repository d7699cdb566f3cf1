-- What an extension's script grants is kept in pg_init_privs; what differs from it, somebody else has changed.
WITH members (class, object, part, target, column_name, owner, held, usual) AS (
    SELECT 1259::oid, c.oid, 0,
           format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname),
           NULL::text, c.relowner, c.relacl,
           acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 1259, c.oid, a.attnum::int, format('TABLE %I.%I', n.nspname, c.relname),
           a.attname::text, c.relowner, a.attacl, acldefault('c', c.relowner)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attacl IS NOT NULL OR c.oid IN (SELECT i.objoid FROM pg_init_privs i WHERE i.classoid = 1259))
    UNION ALL
    SELECT 1255, p.oid, 0, format('ROUTINE %I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)),
           NULL, p.proowner, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    UNION ALL
    SELECT 1247, t.oid, 0,
           format('%s %I.%I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname),
           NULL, t.typowner, t.typacl, acldefault('T', t.typowner)
    FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('b', 'e', 'd', 'r', 'c')
    UNION ALL
    SELECT 2615, n.oid, 0, format('SCHEMA %I', n.nspname), NULL, n.nspowner, n.nspacl, acldefault('n', n.nspowner)
    FROM pg_namespace n
), changed_members AS (
    SELECT m.class, m.object, m.part, m.target, m.column_name, m.owner, e.extname::text AS extension,
           COALESCE(m.held, m.usual) AS held, COALESCE(i.initprivs, m.usual) AS usual
    FROM members m
    JOIN pg_depend d ON d.classid = m.class AND d.objid = m.object AND d.objsubid = 0
        AND d.refclassid = 3079 AND d.deptype = 'e'
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname <> 'plpgsql'
    LEFT JOIN pg_init_privs i ON i.classoid = m.class AND i.objoid = m.object AND i.objsubid = m.part
    WHERE m.held IS NOT NULL OR i.initprivs IS NOT NULL
), held AS (
    SELECT m.class, m.object, m.part, g.grantee, g.privilege_type, g.is_grantable
    FROM changed_members m, aclexplode(m.held) g
), usual AS (
    SELECT m.class, m.object, m.part, g.grantee, g.privilege_type, g.is_grantable
    FROM changed_members m, aclexplode(m.usual) g
), changed AS (
    SELECT true AS granted, * FROM (SELECT * FROM held EXCEPT SELECT * FROM usual) AS more
    UNION ALL
    SELECT false, * FROM (SELECT * FROM usual EXCEPT SELECT * FROM held) AS less
)
SELECT m.extension, m.target, m.column_name, c.granted,
       CASE WHEN c.grantee <> 0 THEN pg_get_userbyid(c.grantee)::text END AS role,
       c.grantee = m.owner AS is_owner,
       c.privilege_type AS privilege,
       c.is_grantable AS grantable
FROM changed c
JOIN changed_members m ON m.class = c.class AND m.object = c.object AND m.part = c.part
