-- by key
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("id") > ($1) ORDER BY "id" LIMIT $2

-- one direction
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("created_at", "id") < ($1, $2) ORDER BY "created_at" DESC, "id" DESC LIMIT $3

-- both directions
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "created_at" <= $1 AND ("created_at" < $2 OR ("created_at" = $3 AND ("title" > $4 OR ("title" = $5 AND "id" > $6)))) ORDER BY "created_at" DESC, "title", "id" LIMIT $7

-- nulls last, descending, after a value
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("stars" < $1 OR "stars" IS NULL OR ("stars" = $2 AND "id" < $3)) ORDER BY "stars" DESC NULLS LAST, "id" DESC LIMIT $4

-- nulls last, ascending, after a value
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("stars" > $1 OR "stars" IS NULL OR ("stars" = $2 AND ("title" < $3 OR ("title" = $4 AND "id" < $5)))) ORDER BY "stars", "title" DESC, "id" DESC LIMIT $6

-- nulls first, after a null
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("stars" IS NOT NULL OR ("stars" IS NULL AND "id" < $1)) ORDER BY "stars" DESC, "id" DESC LIMIT $2
