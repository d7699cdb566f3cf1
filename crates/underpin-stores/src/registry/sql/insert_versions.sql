-- Stores new versions in the order of the batch. Which one is the latest is settled afterwards.
INSERT INTO registry_server_versions (
    id, name, version, semantic_key, title, description, search_text, document, content_hash, original, original_hash,
    status, status_message, status_changed_at, published_at, updated_at
)
SELECT fresh.id, fresh.name, fresh.version, fresh.semantic_key, fresh.title, fresh.description, fresh.search_text,
       fresh.document, fresh.content_hash, fresh.original, fresh.original_hash,
       COALESCE(fresh.status, 'active')::registry_server_status, fresh.status_message,
       COALESCE(fresh.status_changed_at, fresh.published_at, now()), COALESCE(fresh.published_at, now()),
       clock_timestamp()
FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[],
    $10::text[], $11::bytea[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[]
) WITH ORDINALITY AS fresh (
    id, name, version, semantic_key, title, description, search_text, document, content_hash, original, original_hash,
    status, status_message, status_changed_at, published_at, position
)
ORDER BY fresh.position
