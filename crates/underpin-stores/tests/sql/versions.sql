SELECT "id", "name", "version", "title", "description", "document", "status", "status_message", "status_changed_at",
       "published_at", "updated_at", "is_latest", "sequence"
FROM "registry_server_versions"
WHERE "name" = $1
  AND "status" <> $2
ORDER BY "published_at" DESC, "sequence" DESC
LIMIT $3
