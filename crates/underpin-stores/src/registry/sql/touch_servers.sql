-- A server is as new as its newest change.
UPDATE registry_servers SET updated_at = now() WHERE name = ANY ($1::text[])
