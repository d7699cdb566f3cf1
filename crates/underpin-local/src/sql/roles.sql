DO $do$
BEGIN
  -- A cluster of before had the service's role as its bootstrap superuser, who cannot lose that: it gets another name.
  -- The user of a session cannot be renamed, so another superuser does it, who is gone afterwards.
  IF EXISTS (SELECT FROM pg_authid WHERE oid = 10 AND rolname = 'underpin') THEN
    CREATE ROLE underpin_upgrade SUPERUSER;
    SET SESSION AUTHORIZATION underpin_upgrade;
    ALTER ROLE underpin RENAME TO underpin_admin;
    SET SESSION AUTHORIZATION underpin_admin;
    DROP ROLE underpin_upgrade;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_authid WHERE rolname = 'underpin') THEN
    CREATE ROLE underpin NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  ALTER ROLE underpin LOGIN PASSWORD '{password}';
  ALTER ROLE underpin_admin LOGIN PASSWORD '{admin_password}';
END $do$
