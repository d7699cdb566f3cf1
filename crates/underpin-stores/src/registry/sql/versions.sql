-- The versions of a server, newest first.
SELECT id, name, version, title, description, document, status::text AS status, status_message, status_changed_at,
       published_at, updated_at, is_latest
FROM registry_server_versions
WHERE name = $1
  AND ($2 OR status <> 'deleted')
ORDER BY published_at DESC, sequence DESC
LIMIT $3
