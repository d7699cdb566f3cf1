-- What is already there of a batch.
SELECT stored.id, stored.name, stored.version, stored.content_hash, stored.original_hash, stored.status,
       stored.status_message, now() AS now
FROM unnest($1::text[], $2::text[]) AS wanted (name, version)
JOIN registry_server_versions AS stored ON stored.name = wanted.name AND stored.version = wanted.version
