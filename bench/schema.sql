-- The tables every peer works on. Sizes are those of `src/tables.rs`.

-- A row as services have them: 28 columns, 13 types, some of them NULL in half of the rows.
CREATE TABLE document (
    id bigint PRIMARY KEY,
    public_id uuid NOT NULL,
    owner_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    created_by text NOT NULL,
    updated_by text,
    is_active boolean NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    slug text NOT NULL,
    summary text NOT NULL,
    body text NOT NULL,
    status text NOT NULL,
    kind text NOT NULL,
    priority smallint NOT NULL,
    score double precision NOT NULL,
    rating real,
    views bigint NOT NULL,
    size_bytes integer NOT NULL,
    language text NOT NULL,
    country text,
    email text NOT NULL,
    url text,
    tags text[] NOT NULL,
    metadata jsonb NOT NULL,
    digest bytea NOT NULL
);
INSERT INTO document
SELECT
    n,
    md5(n::text)::uuid,
    n % 1000 + 1,
    timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute',
    timestamptz '2026-02-01 00:00:00+00' + n * interval '1 minute',
    CASE WHEN n % 2 = 0 THEN timestamptz '2026-03-01 00:00:00+00' + n * interval '1 minute' END,
    'user-' || n % 100,
    CASE WHEN n % 2 = 1 THEN 'user-' || n % 90 END,
    n % 10 <> 0,
    n % 30,
    'Document number ' || n,
    'document-number-' || n,
    repeat(md5(n::text), 3),
    repeat(md5((n + 1)::text), 8),
    (ARRAY['draft', 'review', 'published', 'archived'])[n % 4 + 1],
    (ARRAY['note', 'page', 'record'])[n % 3 + 1],
    n % 5,
    n / 7.0,
    CASE WHEN n % 2 = 0 THEN n % 50 / 10.0 END,
    n * 13,
    n * 3,
    (ARRAY['en', 'de', 'fr'])[n % 3 + 1],
    CASE WHEN n % 2 = 1 THEN 'CH' END,
    'user' || n || '@example.com',
    CASE WHEN n % 2 = 0 THEN 'https://example.com/documents/' || n END,
    ARRAY['tag-' || n % 7, 'tag-' || n % 11, 'tag-' || n % 13],
    jsonb_build_object('source', 'import', 'n', n, 'nested', jsonb_build_object('a', 1, 'b', ARRAY[1, 2, 3])),
    decode(md5(n::text), 'hex')
FROM generate_series(1, 10000) AS n;
CREATE INDEX document_status ON document (status, created_at);

-- Written by the inserts, emptied before each burst.
CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id uuid NOT NULL,
    owner_id bigint NOT NULL,
    title text NOT NULL,
    amount double precision NOT NULL,
    is_active boolean NOT NULL,
    happened_at timestamptz NOT NULL
);

-- An author has 10 articles, an article 10 comments. The keys count: the one of author 7 is
-- 00000000-0000-0000-0000-000000000007.
CREATE FUNCTION key(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN lpad(to_hex(n), 32, '0')::uuid;

CREATE TABLE author (id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL);
INSERT INTO author
SELECT key(n), 'Author ' || n, 'author' || n || '@example.com' FROM generate_series(1, 1000) AS n;

CREATE TABLE article (
    id uuid PRIMARY KEY,
    author_id uuid NOT NULL REFERENCES author,
    title text NOT NULL,
    created_at timestamptz NOT NULL
);
INSERT INTO article
SELECT key(n), key(n % 1000 + 1), 'Article ' || n, timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute'
FROM generate_series(1, 10000) AS n;
CREATE INDEX article_author_id ON article (author_id);

CREATE TABLE comment (id uuid PRIMARY KEY, article_id uuid NOT NULL REFERENCES article, body text NOT NULL);
INSERT INTO comment
SELECT key(n), key(n % 10000 + 1), 'Comment ' || md5(n::text) FROM generate_series(1, 100000) AS n;
CREATE INDEX comment_article_id ON comment (article_id);

-- Read, changed and written back in a transaction.
CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO account SELECT n, 1000 FROM generate_series(1, 1000) AS n;
