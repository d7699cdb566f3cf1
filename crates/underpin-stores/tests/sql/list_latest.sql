SELECT id, name, version, title, description, document, status::text AS status, status_message,
       status_changed_at, published_at, updated_at, is_latest
FROM registry_server_versions
WHERE is_latest
  AND status <> 'deleted'
  AND name > $1
ORDER BY name
LIMIT $2
