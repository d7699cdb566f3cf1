-- One item: a server, seen through its latest version.
SELECT server.id, server.name, server.created_at, stored.version, stored.title, stored.description, stored.document,
       stored.status::text AS status, stored.updated_at
FROM registry_servers AS server
JOIN registry_server_versions AS stored ON stored.name = server.name AND stored.is_latest
WHERE server.name = $1
  AND stored.status <> 'deleted'
