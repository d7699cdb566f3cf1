-- Locks servers until the transaction ends: which version is the latest is settled by one publisher at a time.
SELECT name
FROM registry_servers
WHERE name = ANY ($1::text[])
ORDER BY name
FOR UPDATE
