-- Makes sure that servers exist. In the order of their names, as they are locked.
INSERT INTO registry_servers (name)
SELECT wanted.name
FROM unnest($1::text[]) AS wanted (name)
ORDER BY wanted.name COLLATE "C"
ON CONFLICT (name) DO NOTHING
