DROP TABLE registry_server_versions;
DROP TABLE registry_servers;
DROP TYPE registry_server_status;
