-- A trigram index makes a search fast in a large registry. The extension is part of PostgreSQL's contrib package, which
-- may be missing, and creating it may be forbidden: then a search reads the latest versions, which is right but slower.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX registry_server_versions_search_idx
            ON registry_server_versions USING gin (search_text gin_trgm_ops);
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR undefined_object OR undefined_file THEN
        RAISE NOTICE 'no trigram index for searches: %', SQLERRM;
END
$$;
