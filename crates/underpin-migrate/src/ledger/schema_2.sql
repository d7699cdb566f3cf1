-- The ledger, version 2: what was overwritten is kept, and what is not a pair of files is recorded.
CREATE TABLE underpin.migration_history (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain            text        NOT NULL,
    version          bigint      NOT NULL,
    replaced_by      text        NOT NULL CHECK (replaced_by IN ('up', 'down', 'stamp', 'rebless', 'squash')),
    replaced_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    replaced_by_user text        NOT NULL DEFAULT session_user,
    reason           text,
    migration        jsonb       NOT NULL,
    statements       jsonb       NOT NULL
);
CREATE INDEX ON underpin.migration_history (chain, version, id);
COMMENT ON TABLE underpin.migration_history IS 'Rows of underpin.migrations and their statements as they were before a later run, stamp, rebless or squash.';

CREATE TABLE underpin.migration_repeatables (
    chain           text        NOT NULL,
    name            text        NOT NULL,
    raw_hash        bytea       NOT NULL CHECK (octet_length(raw_hash) = 32),
    meaning_hash    bytea       NOT NULL CHECK (octet_length(meaning_hash) = 32),
    applied_at      timestamptz NOT NULL,
    run_by          text        NOT NULL DEFAULT session_user,
    run_from        text        NOT NULL DEFAULT coalesce(host(inet_client_addr()), 'local socket'),
    program_version text        NOT NULL,
    PRIMARY KEY (chain, name)
);
COMMENT ON TABLE underpin.migration_repeatables IS 'One row a repeatable file: the content that was applied last.';

CREATE TABLE underpin.migration_batches (
    chain      text        NOT NULL,
    version    bigint      NOT NULL,
    cursor     jsonb       NOT NULL,
    batches    bigint      NOT NULL,
    rows       bigint      NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (chain, version)
);
COMMENT ON TABLE underpin.migration_batches IS 'How far a migration written in Rust has come; its row goes when it is done.';

CREATE TABLE underpin.migration_quarantine (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain   text        NOT NULL,
    version bigint      NOT NULL,
    object  text        NOT NULL,
    kept_as text        NOT NULL,
    rows    bigint      NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kept_by text        NOT NULL DEFAULT session_user
);
COMMENT ON TABLE underpin.migration_quarantine IS 'What a way back would have destroyed, and the table in underpin_quarantine that keeps it.';

UPDATE underpin.migration_ledger SET version = 2;
