-- children
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "editor_id" = ANY($1) LIMIT 100001

-- parents
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "name" FROM "authors" WHERE "deleted_at" IS NULL AND "id" = ANY($1) LIMIT 100001
