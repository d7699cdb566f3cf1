SELECT "id", "name", "version", "title", "description", "document", "status", "status_message", "status_changed_at",
       "published_at", "updated_at", "is_latest", "sequence"
FROM "registry_server_versions"
WHERE "updated_at" >= $1
ORDER BY "name", "version"
LIMIT $2
