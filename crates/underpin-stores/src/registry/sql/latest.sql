-- The latest version of a server.
SELECT id, name, version, title, description, document, status::text AS status, status_message, status_changed_at,
       published_at, updated_at, is_latest
FROM registry_server_versions
WHERE name = $1
  AND is_latest
  AND ($2 OR status <> 'deleted')
