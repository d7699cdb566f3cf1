-- The tables of the tests' models, written by hand: the derive has to agree with them.
CREATE TYPE state AS ENUM ('draft', 'in review', 'published');

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(255),
    updated_by varchar(255),
    deleted_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    email varchar(255) NOT NULL,
    password_hash text
);
CREATE UNIQUE INDEX users_email_idx ON users (email) WHERE deleted_at IS NULL;

CREATE TABLE notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(255),
    updated_by varchar(255),
    deleted_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    title varchar(255) NOT NULL,
    tags text[] NOT NULL,
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    state state NOT NULL DEFAULT 'draft'::state,
    priority integer,
    CONSTRAINT priority_is_small CHECK (priority < 10)
);
CREATE UNIQUE INDEX notes_title_idx ON notes (title) WHERE deleted_at IS NULL;
CREATE INDEX notes_tags_idx ON notes USING gin (tags);
CREATE INDEX notes_owner_id_created_at_idx ON notes (owner_id, created_at DESC);

CREATE TABLE bookings (
    room text NOT NULL,
    day date NOT NULL,
    guest text NOT NULL,
    revision bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (room, day)
);

CREATE TABLE counters (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    hits bigint NOT NULL DEFAULT 0,
    label text NOT NULL
);
