-- Two rows into each table that takes them.
DO $$
DECLARE
    t record;
    names text;
    vals text;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR t IN
        SELECT c.oid, c.oid::regclass AS name
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP
        SELECT string_agg(quote_ident(a.attname), ', '),
               string_agg(format(CASE
                   WHEN y.typcategory = 'N' THEN '(n %% 32000)::%2$s'
                   WHEN y.typcategory = 'B' THEN '(n %% 2 = 0)::%2$s'
                   WHEN y.typcategory = 'D' THEN '(timestamp ''2024-01-01'' + n * interval ''1 day'')::%2$s'
                   WHEN y.typcategory = 'E' THEN '(enum_range(NULL::%2$s))[1]'
                   WHEN y.typcategory = 'A' THEN '''{}''::%2$s'
                   WHEN y.typname = 'uuid' THEN 'md5(n::text)::uuid'
                   WHEN y.typname IN ('json', 'jsonb') THEN '''{}''::%2$s'
                   WHEN y.typcategory = 'S' THEN 'n::text::%2$s'
                   ELSE 'NULL'
               END, a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
        INTO names, vals
        FROM pg_attribute a
        JOIN pg_type y ON y.oid = a.atttypid
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attidentity = '' AND a.attgenerated = '' AND NOT a.atthasdef;
        BEGIN
            IF names IS NULL THEN
                EXECUTE format('INSERT INTO %s DEFAULT VALUES', t.name);
            ELSE
                EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, 2) n', t.name, names, vals);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE '% stays empty: %', t.name, SQLERRM;
        END;
    END LOOP;
END
$$;
