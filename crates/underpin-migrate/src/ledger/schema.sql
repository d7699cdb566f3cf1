-- The ledger, version 1. Created once, under the ledger's advisory lock, in one transaction.
CREATE SCHEMA IF NOT EXISTS underpin;

CREATE TABLE underpin.migration_ledger (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  integer NOT NULL
);
COMMENT ON TABLE underpin.migration_ledger IS 'Version of the tables that record migrations.';

CREATE TABLE underpin.migrations (
    chain           text        NOT NULL,
    version         bigint      NOT NULL,
    slug            text        NOT NULL,
    parent          bigint,
    state           text        NOT NULL CHECK (state IN ('applying', 'applied', 'reverting', 'reverted')),
    origin          text        NOT NULL DEFAULT 'run' CHECK (origin IN ('run', 'stamp', 'adopt', 'squash')),
    statements      integer     NOT NULL CHECK (statements >= 0),
    raw_hash        bytea       NOT NULL CHECK (octet_length(raw_hash) = 32),
    meaning_hash    bytea       NOT NULL CHECK (octet_length(meaning_hash) = 32),
    allows          jsonb       NOT NULL DEFAULT '[]',
    started_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    run_by          text        NOT NULL DEFAULT session_user,
    run_from        text        NOT NULL DEFAULT coalesce(host(inet_client_addr()), 'local socket'),
    program_version text        NOT NULL,
    PRIMARY KEY (chain, version)
);
COMMENT ON TABLE underpin.migrations IS 'One row a migration that was ever run here: what, when, by whom, in which state.';

CREATE TABLE underpin.migration_statements (
    chain       text        NOT NULL,
    version     bigint      NOT NULL,
    direction   text        NOT NULL CHECK (direction IN ('up', 'down')),
    ordinal     integer     NOT NULL CHECK (ordinal > 0),
    class       text        NOT NULL CHECK (class IN ('transactional', 'setting', 'alone')),
    hash        bytea       NOT NULL CHECK (octet_length(hash) = 32),
    state       text        NOT NULL CHECK (state IN ('started', 'done', 'failed')),
    sqlstate    text,
    rows        bigint,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (chain, version, direction, ordinal),
    FOREIGN KEY (chain, version) REFERENCES underpin.migrations ON DELETE CASCADE
);
COMMENT ON TABLE underpin.migration_statements IS 'One row a statement that was run: a half-applied migration resumes after the last done one.';

INSERT INTO underpin.migration_ledger (version) VALUES (1);
