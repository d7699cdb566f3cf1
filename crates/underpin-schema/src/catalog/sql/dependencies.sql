SELECT d.classid AS class, d.objid AS object, d.objsubid AS part,
       d.refclassid AS needed_class, d.refobjid AS needed_object, d.refobjsubid AS needed_part,
       d.deptype = 'n' AS is_plain
FROM pg_depend d
WHERE d.objid >= 16384
  AND d.refobjid >= 16384
  AND d.deptype IN ('n', 'a', 'i', 'P', 'S')
