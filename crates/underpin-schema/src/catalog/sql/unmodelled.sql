WITH found (class, object) AS (
    SELECT 2617::oid, o.oid FROM pg_operator o WHERE o.oprnamespace = ANY ($1)
    UNION ALL SELECT 2616, o.oid FROM pg_opclass o WHERE o.opcnamespace = ANY ($1)
    UNION ALL SELECT 2753, o.oid FROM pg_opfamily o WHERE o.opfnamespace = ANY ($1)
    UNION ALL SELECT 2607, c.oid FROM pg_conversion c WHERE c.connamespace = ANY ($1)
    UNION ALL SELECT 3602, t.oid FROM pg_ts_config t WHERE t.cfgnamespace = ANY ($1)
    UNION ALL SELECT 3600, t.oid FROM pg_ts_dict t WHERE t.dictnamespace = ANY ($1)
    UNION ALL SELECT 3601, t.oid FROM pg_ts_parser t WHERE t.prsnamespace = ANY ($1)
    UNION ALL SELECT 3764, t.oid FROM pg_ts_template t WHERE t.tmplnamespace = ANY ($1)
    UNION ALL SELECT 1259, c.oid FROM pg_class c WHERE c.relkind = 'f' AND c.relnamespace = ANY ($1)
    UNION ALL SELECT 1259, c.oid FROM pg_class c WHERE c.reloftype <> 0 AND c.relnamespace = ANY ($1)
    UNION ALL SELECT 1247, t.oid FROM pg_type t
        WHERE t.typtype = 'b' AND t.typsubscript::oid <> 'array_subscript_handler'::regproc AND t.typnamespace = ANY ($1)
    UNION ALL SELECT 1247, r.rngtypid FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid
        WHERE r.rngcanonical::oid <> 0 AND t.typnamespace = ANY ($1)
    UNION ALL SELECT 2605, c.oid FROM pg_cast c WHERE c.oid >= 16384
    UNION ALL SELECT 2328, w.oid FROM pg_foreign_data_wrapper w
    UNION ALL SELECT 1417, s.oid FROM pg_foreign_server s
    UNION ALL SELECT 3466, e.oid FROM pg_event_trigger e
    UNION ALL SELECT 6104, p.oid FROM pg_publication p
    UNION ALL SELECT 6100, s.oid FROM pg_subscription s
        JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
    UNION ALL SELECT 3576, t.oid FROM pg_transform t
    UNION ALL SELECT 2601, a.oid FROM pg_am a WHERE a.oid >= 16384
    UNION ALL SELECT 2612, l.oid FROM pg_language l WHERE l.oid >= 16384
)
SELECT pg_describe_object(f.class, f.object, 0) AS description
FROM found f
WHERE NOT EXISTS (
    SELECT FROM pg_depend e WHERE e.classid = f.class AND e.objid = f.object AND e.deptype IN ('e', 'i')
)
