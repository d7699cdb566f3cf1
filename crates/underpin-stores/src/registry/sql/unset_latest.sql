-- The versions that are no longer the latest. `updated_at` moves, so that mirrors hear of it.
UPDATE registry_server_versions AS stored
SET is_latest = false,
    updated_at = clock_timestamp()
FROM unnest($1::text[], $2::text[]) AS chosen (name, version)
WHERE stored.name = chosen.name
  AND stored.is_latest
  AND stored.version <> chosen.version
