SELECT r.rolname::text AS role, array_to_string(s.setconfig, ', ') AS value
FROM pg_db_role_setting s
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
