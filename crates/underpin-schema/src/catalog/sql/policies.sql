SELECT p.oid, p.polrelid AS relation, p.polname::text AS name,
       p.polpermissive AS permissive,
       p.polcmd::text AS command,
       ARRAY(SELECT pg_get_userbyid(role)::text FROM unnest(p.polroles) AS role WHERE role <> 0) AS roles,
       0 = ANY (p.polroles) AS is_public,
       pg_get_expr(p.polqual, p.polrelid) AS using_rows,
       pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = ANY ($1)
