SELECT server.id, server.name, server.created_at, stored.version, stored.title, stored.description, stored.document,
       stored.status::text AS status, stored.updated_at
FROM registry_servers AS server
JOIN registry_server_versions AS stored ON stored.name = server.name AND stored.is_latest
WHERE stored.status <> 'deleted'
  AND stored.search_text LIKE $1
  AND server.name > $2
ORDER BY server.name
LIMIT $3
