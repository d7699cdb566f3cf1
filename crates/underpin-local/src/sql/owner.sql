DO $do$
DECLARE
  it record;
BEGIN
  -- REASSIGN OWNED refuses the bootstrap superuser, whose number is 10. What belongs to an extension stays as it is: a
  -- trusted extension that a role without superuser makes has its members belong to that superuser, too.
  FOR it IN
    SELECT CASE kind.type WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(kind.type) END AS type, kind.identity
    FROM (
      SELECT 'pg_class'::regclass AS class, oid, relnamespace AS schema FROM pg_class AS c
        WHERE relowner = 10 AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass
          AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
      UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type AS t
        WHERE typowner = 10 AND typtype IN ('b', 'c', 'd', 'e', 'r') AND typelem = 0
        AND (typrelid = 0 OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
      UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc WHERE proowner = 10
      UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator WHERE oprowner = 10
      UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace FROM pg_opclass WHERE opcowner = 10
      UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace FROM pg_opfamily WHERE opfowner = 10
      UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace FROM pg_collation WHERE collowner = 10
      UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace FROM pg_conversion WHERE conowner = 10
      UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxnamespace FROM pg_statistic_ext WHERE stxowner = 10
      UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config WHERE cfgowner = 10
      UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace FROM pg_ts_dict WHERE dictowner = 10
      UNION ALL SELECT 'pg_namespace'::regclass, oid, oid FROM pg_namespace WHERE nspowner = 10
      UNION ALL SELECT 'pg_publication'::regclass, oid, NULL FROM pg_publication WHERE pubowner = 10
      UNION ALL SELECT 'pg_foreign_server'::regclass, oid, NULL FROM pg_foreign_server WHERE srvowner = 10
      UNION ALL SELECT 'pg_largeobject'::regclass, oid, NULL FROM pg_largeobject_metadata WHERE lomowner = 10
    ) AS owned, LATERAL pg_identify_object(owned.class, owned.oid, 0) AS kind
    WHERE NOT EXISTS (SELECT FROM pg_namespace AS s WHERE s.oid = owned.schema
        AND (s.nspname LIKE 'pg\_%' OR s.nspname = 'information_schema'))
      AND NOT EXISTS (SELECT FROM pg_depend AS d
        WHERE d.classid = owned.class AND d.objid = owned.oid AND d.deptype = 'e')
  LOOP
    BEGIN
      EXECUTE format('ALTER %s %s OWNER TO underpin', it.type, it.identity);
    EXCEPTION WHEN OTHERS THEN
      -- What only a superuser may own stays his.
      RAISE WARNING '% %: %', it.type, it.identity, SQLERRM;
    END;
  END LOOP;
  -- No statement changes the owner of an extension.
  WITH moved AS (
    UPDATE pg_extension SET extowner = 'underpin'::regrole WHERE extowner = 10 AND extname <> 'plpgsql' RETURNING oid
  )
  INSERT INTO pg_shdepend (dbid, classid, objid, objsubid, refclassid, refobjid, deptype)
    SELECT d.oid, 'pg_extension'::regclass, moved.oid, 0, 'pg_authid'::regclass, 'underpin'::regrole, 'o'
    FROM moved, pg_database AS d WHERE d.datname = current_database();
  EXECUTE format('ALTER DATABASE %I OWNER TO underpin', current_database());
END $do$
