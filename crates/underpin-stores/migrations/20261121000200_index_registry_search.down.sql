-- The extension goes with its index when the way forward made both, in one transaction, and nothing else uses it by now:
-- one that was there before, or was changed since, is somebody else's.
DO $$
DECLARE
    is_ours boolean;
BEGIN
    SELECT i.xmin = e.xmin INTO is_ours
    FROM pg_index AS i, pg_extension AS e
    WHERE i.indexrelid = to_regclass('registry_server_versions_search_idx') AND e.extname = 'pg_trgm';
    DROP INDEX IF EXISTS registry_server_versions_search_idx;
    IF is_ours THEN
        BEGIN
            DROP EXTENSION pg_trgm;
        EXCEPTION
            WHEN dependent_objects_still_exist OR insufficient_privilege THEN
                RAISE NOTICE 'the extension pg_trgm stays: %', SQLERRM;
        END;
    END IF;
END
$$;
