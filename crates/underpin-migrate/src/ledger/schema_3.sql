-- The ledger, version 3: an older program can tell that its repeatable files were replaced by a newer one's.
ALTER TABLE underpin.migration_repeatables ADD COLUMN earlier bytea[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN underpin.migration_repeatables.earlier IS 'Checksums of contents that were applied before and have been replaced.';

UPDATE underpin.migration_ledger SET version = 3;
