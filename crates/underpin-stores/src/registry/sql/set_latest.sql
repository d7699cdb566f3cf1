-- The versions that are the latest from now on; after unset_latest.sql, as there may be only one.
UPDATE registry_server_versions AS stored
SET is_latest = true,
    updated_at = clock_timestamp()
FROM unnest($1::text[], $2::text[]) AS chosen (name, version)
WHERE stored.name = chosen.name
  AND stored.version = chosen.version
  AND NOT stored.is_latest
