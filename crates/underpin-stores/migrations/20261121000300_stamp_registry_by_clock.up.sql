-- Mirrors ask for what changed since a time. A new version carries the time of its row, as a changed one does, rather than
-- that of its transaction's start: the sooner it is followed by the commit, the smaller the overlap that mirrors need.
ALTER TABLE registry_server_versions ALTER COLUMN updated_at SET DEFAULT clock_timestamp();
