SELECT "id", "name", "version", "title", "description", "document", "status", "status_message", "status_changed_at",
       "published_at", "updated_at", "is_latest", "sequence"
FROM "registry_server_versions"
WHERE "status" <> $1
  AND ("name" >= $2 AND ("name" > $3 OR "version" > $4))
ORDER BY "name", "version"
LIMIT $5
