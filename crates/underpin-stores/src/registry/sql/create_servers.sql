-- Makes sure that servers exist. In name order, as lock_servers.sql: two batches wait for each other, never in a circle.
INSERT INTO registry_servers (name)
SELECT wanted.name
FROM unnest($1::text[]) AS wanted (name)
ORDER BY wanted.name COLLATE "C"
ON CONFLICT (name) DO NOTHING
