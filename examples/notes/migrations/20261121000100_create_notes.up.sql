-- Authors and their notes. The models in src/main.rs say the same; a test holds the two against each other.

CREATE TABLE authors (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(255),
    updated_by varchar(255),
    deleted_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    name varchar(80) NOT NULL
);

CREATE TABLE notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(255),
    updated_by varchar(255),
    deleted_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    title varchar(255) NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    author_id uuid NOT NULL REFERENCES authors (id) ON DELETE CASCADE
);

-- Unique among living notes, so that a deleted one does not keep its title for ever.
CREATE UNIQUE INDEX notes_title_idx ON notes (title) WHERE deleted_at IS NULL;
CREATE INDEX notes_tags_idx ON notes USING gin (tags);
CREATE INDEX notes_author_id_idx ON notes (author_id);
CREATE INDEX notes_created_at_id_idx ON notes (created_at DESC, id DESC);
