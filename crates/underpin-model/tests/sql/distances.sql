-- l2
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" ORDER BY "embedding" <-> $1 LIMIT $2

-- cosine
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" ORDER BY "embedding" <=> $1 LIMIT $2

-- inner product
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" ORDER BY "embedding" <#> $1 LIMIT $2

-- l1
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" ORDER BY "embedding" <+> $1 LIMIT $2

-- at most
"embedding" <=> $1 <= $2
