SELECT d.classid AS class, d.objid AS object, e.extname::text AS extension
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.deptype = 'x' AND d.refclassid = 3079
