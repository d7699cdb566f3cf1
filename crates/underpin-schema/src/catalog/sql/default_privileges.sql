-- An entry of a schema adds to the others; one for all schemas takes the place of what holds without it.
WITH entries AS (
    SELECT d.oid, d.defaclrole, d.defaclnamespace, d.defaclobjtype, d.defaclacl AS held,
           CASE WHEN d.defaclnamespace = 0
               THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole)
               ELSE NULL
           END AS usual
    FROM pg_default_acl d
    WHERE d.defaclnamespace = 0 OR d.defaclnamespace = ANY ($1)
), held AS (
    SELECT e.oid, g.grantee, g.privilege_type, g.is_grantable FROM entries e, aclexplode(e.held) g
), usual AS (
    SELECT e.oid, g.grantee, g.privilege_type, g.is_grantable FROM entries e, aclexplode(e.usual) g
), changed AS (
    SELECT true AS granted, * FROM (SELECT * FROM held EXCEPT SELECT * FROM usual) AS more
    UNION ALL
    SELECT false, * FROM (SELECT * FROM usual EXCEPT SELECT * FROM held) AS less
)
SELECT CASE WHEN pg_get_userbyid(e.defaclrole) <> current_user THEN pg_get_userbyid(e.defaclrole)::text END AS for_role,
       n.nspname::text AS schema,
       e.defaclobjtype::text AS objects,
       c.granted,
       CASE WHEN c.grantee <> 0 THEN pg_get_userbyid(c.grantee)::text END AS role,
       c.grantee = e.defaclrole AS is_owner,
       c.privilege_type AS privilege,
       c.is_grantable AS grantable
FROM changed c
JOIN entries e ON e.oid = c.oid
LEFT JOIN pg_namespace n ON n.oid = e.defaclnamespace
