ALTER TABLE registry_server_versions ALTER COLUMN updated_at SET DEFAULT now();
