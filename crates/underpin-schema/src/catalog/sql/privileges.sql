-- Both lists hold everything that is allowed; what is in one and not in the other is what somebody changed.
WITH objects (class, object, part, owner, held, usual) AS (
    SELECT 1259::oid, c.oid, 0, c.relowner, c.relacl,
           acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
    FROM pg_class c
    WHERE c.relacl IS NOT NULL AND c.relnamespace = ANY ($1)
    UNION ALL
    SELECT 1259, c.oid, a.attnum::int, c.relowner, a.attacl, acldefault('c', c.relowner)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = ANY ($1)
    UNION ALL
    SELECT 1255, p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc p
    WHERE p.proacl IS NOT NULL AND p.pronamespace = ANY ($1)
    UNION ALL
    SELECT 1247, t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
    FROM pg_type t
    WHERE t.typacl IS NOT NULL AND t.typnamespace = ANY ($1)
    UNION ALL
    SELECT 2615, n.oid, 0, n.nspowner, COALESCE(n.nspacl, acldefault('n', n.nspowner)),
           acldefault('n', n.nspowner) || CASE WHEN n.nspname = 'public' THEN ARRAY[
               makeaclitem(0, n.nspowner, 'USAGE', false),
               makeaclitem(0, n.nspowner, {{15: 'USAGE' | 'CREATE'}}, false)
           ] ELSE '{}' END
    FROM pg_namespace n
    WHERE n.oid = ANY ($1)
), held AS (
    SELECT o.class, o.object, o.part, o.owner, g.grantee, g.privilege_type, g.is_grantable
    FROM objects o, aclexplode(o.held) g
), usual AS (
    SELECT o.class, o.object, o.part, o.owner, g.grantee, g.privilege_type, g.is_grantable
    FROM objects o, aclexplode(o.usual) g
), changed AS (
    SELECT true AS granted, * FROM (SELECT * FROM held EXCEPT SELECT * FROM usual) AS more
    UNION ALL
    SELECT false, * FROM (SELECT * FROM usual EXCEPT SELECT * FROM held) AS less
)
SELECT class, object, part, granted,
       CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee)::text END AS role,
       grantee = owner AS is_owner,
       privilege_type AS privilege,
       is_grantable AS grantable
FROM changed
