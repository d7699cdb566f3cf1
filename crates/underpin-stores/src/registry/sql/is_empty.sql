-- Was nothing ever published here?
SELECT NOT EXISTS (SELECT FROM registry_servers) AS is_empty
