-- count
SELECT count(*) FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1

-- exists
SELECT EXISTS (SELECT 1 FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1)

-- first
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1 ORDER BY "id" LIMIT $2

-- one
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1 LIMIT $2

-- all
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1 LIMIT 100001

-- count by
SELECT "shape", count(*) FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2

-- min
SELECT "price" FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1 AND "price" IS NOT NULL ORDER BY 1 LIMIT 1

-- max
SELECT "price" FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1 AND "price" IS NOT NULL ORDER BY 1 DESC LIMIT 1

-- sum
SELECT sum("price") FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1

-- avg
SELECT avg("price")::float8 FROM "books" WHERE "deleted_at" IS NULL AND "stars" = $1
