-- The registry of MCP servers: one row a server, one row a published version.
-- Names and versions collate by bytes ("C"): pages walk in the same order on every machine.

CREATE TYPE registry_server_status AS ENUM ('active', 'deprecated', 'deleted');

CREATE TABLE registry_servers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT registry_servers_name_key UNIQUE (name),
    CONSTRAINT registry_servers_name_check CHECK (
        name ~ '^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$' AND length(name) BETWEEN 3 AND 200
    )
);

CREATE TABLE registry_server_versions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    -- Bytes that sort as semantic versions do; null for a version that is not semantic.
    semantic_key bytea,
    -- The order of publication within one instant.
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    title text,
    description text NOT NULL,
    -- Name, title and description in lower case: what a search looks through.
    search_text text NOT NULL,
    -- The published document, byte for byte; document_json is the same, for queries.
    document text NOT NULL,
    document_json jsonb GENERATED ALWAYS AS (document::jsonb) STORED,
    content_hash bytea NOT NULL,
    -- Where the document was converted from an older format: what it was made of, byte for byte.
    original text,
    original_hash bytea,
    status registry_server_status NOT NULL DEFAULT 'active',
    status_message text,
    status_changed_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    is_latest boolean NOT NULL DEFAULT false,
    CONSTRAINT registry_server_versions_name_version_key UNIQUE (name, version),
    CONSTRAINT registry_server_versions_name_fkey
        FOREIGN KEY (name) REFERENCES registry_servers (name) ON DELETE CASCADE,
    CONSTRAINT registry_server_versions_version_check CHECK (length(version) BETWEEN 1 AND 255),
    CONSTRAINT registry_server_versions_description_check CHECK (length(description) BETWEEN 1 AND 100),
    CONSTRAINT registry_server_versions_status_message_check CHECK (length(status_message) <= 500),
    CONSTRAINT registry_server_versions_content_hash_check CHECK (octet_length(content_hash) = 32),
    CONSTRAINT registry_server_versions_original_check CHECK ((original IS NULL) = (original_hash IS NULL))
);

-- At most one latest version a server; also the order of `?version=latest`, the clients' usual request.
CREATE UNIQUE INDEX registry_server_versions_latest_key ON registry_server_versions (name) WHERE is_latest;
-- `?version=1.2.3`
CREATE INDEX registry_server_versions_version_idx ON registry_server_versions (version, name);
-- `?updated_since=`
CREATE INDEX registry_server_versions_updated_at_idx ON registry_server_versions (updated_at);
-- `/servers/{name}/versions`, newest first
CREATE INDEX registry_server_versions_published_idx
    ON registry_server_versions (name, published_at DESC, sequence DESC);
