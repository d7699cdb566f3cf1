-- How many servers have a version that is not deleted.
SELECT count(*) FROM registry_server_versions WHERE is_latest AND status <> 'deleted'
