-- Takes over the status of versions that are already there.
UPDATE registry_server_versions AS stored
SET status = given.status::registry_server_status,
    status_message = given.message,
    status_changed_at = COALESCE(given.changed_at, now()),
    updated_at = clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     AS given (name, version, status, message, changed_at)
WHERE stored.name = given.name
  AND stored.version = given.version
