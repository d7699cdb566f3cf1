-- The extension stays: other tables may use it by now.
DROP INDEX IF EXISTS registry_server_versions_search_idx;
