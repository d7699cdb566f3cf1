-- PostgreSQL has no function that writes CREATE AGGREGATE; names are qualified because the search path is empty.
SELECT p.oid,
       format(E'CREATE AGGREGATE %I.%I(%s) (\n    ', n.nspname, p.proname, COALESCE(NULLIF(pg_get_function_arguments(p.oid), ''), '*'))
       || concat_ws(
           E',\n    ',
           'SFUNC = ' || a.aggtransfn::regproc::text,
           'STYPE = ' || format_type(a.aggtranstype, NULL),
           'SSPACE = ' || NULLIF(a.aggtransspace, 0),
           'FINALFUNC = ' || NULLIF(a.aggfinalfn::oid, 0)::regproc::text,
           CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           CASE a.aggfinalmodify
               WHEN CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN NULL
               WHEN 'r' THEN 'FINALFUNC_MODIFY = READ_ONLY'
               WHEN 's' THEN 'FINALFUNC_MODIFY = SHAREABLE'
               ELSE 'FINALFUNC_MODIFY = READ_WRITE'
           END,
           'COMBINEFUNC = ' || NULLIF(a.aggcombinefn::oid, 0)::regproc::text,
           'SERIALFUNC = ' || NULLIF(a.aggserialfn::oid, 0)::regproc::text,
           'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::oid, 0)::regproc::text,
           'INITCOND = ' || quote_literal(a.agginitval),
           'MSFUNC = ' || NULLIF(a.aggmtransfn::oid, 0)::regproc::text,
           'MINVFUNC = ' || NULLIF(a.aggminvtransfn::oid, 0)::regproc::text,
           'MSTYPE = ' || format_type(NULLIF(a.aggmtranstype, 0), NULL),
           'MSSPACE = ' || NULLIF(a.aggmtransspace, 0),
           'MFINALFUNC = ' || NULLIF(a.aggmfinalfn::oid, 0)::regproc::text,
           CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
           CASE a.aggmfinalmodify
               WHEN CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN NULL
               WHEN 'r' THEN 'MFINALFUNC_MODIFY = READ_ONLY'
               WHEN 's' THEN 'MFINALFUNC_MODIFY = SHAREABLE'
               ELSE 'MFINALFUNC_MODIFY = READ_WRITE'
           END,
           'MINITCOND = ' || quote_literal(a.aggminitval),
           'SORTOP = ' || (
               SELECT format('OPERATOR(%I.%s)', opn.nspname, op.oprname)
               FROM pg_operator op
               JOIN pg_namespace opn ON opn.oid = op.oprnamespace
               WHERE op.oid = a.aggsortop
           ),
           CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
           CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END
       )
       || E'\n)' AS definition
FROM pg_proc p
JOIN pg_aggregate a ON a.aggfnoid = p.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.pronamespace = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 1255 AND e.objid = p.oid AND e.deptype = 'e'
  )
