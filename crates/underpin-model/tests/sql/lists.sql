-- all
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL LIMIT 100001

-- with deleted
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" LIMIT 100001

-- only deleted
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NOT NULL AND "stars" = $1 LIMIT 100001

-- or
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("stars" = $1 OR "stars" = $2) LIMIT 100001

-- order and limit
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL ORDER BY "stars" DESC NULLS LAST, "title" LIMIT $1

-- rank
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL ORDER BY ts_rank("words", websearch_to_tsquery($1)) DESC LIMIT 100001

-- parent
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "authors" AS r1 WHERE r1."id" = "books"."author_id" AND "deleted_at" IS NULL AND "name" = $1) LIMIT 100001

-- parent's children
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "authors" AS r1 WHERE r1."id" = "books"."author_id" AND "deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "books" AS r2 WHERE r2."author_id" = r1."id" AND "deleted_at" IS NULL AND "stars" = $1)) LIMIT 100001

-- child
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "name" FROM "authors" WHERE "deleted_at" IS NULL AND EXISTS (SELECT 1 FROM "books" AS r1 WHERE r1."editor_id" = "authors"."id" AND "deleted_at" IS NULL) LIMIT 100001

-- no child
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "name" FROM "authors" WHERE "deleted_at" IS NULL AND NOT (EXISTS (SELECT 1 FROM "books" AS r1 WHERE r1."editor_id" = "authors"."id" AND "deleted_at" IS NULL)) LIMIT 100001

-- search
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("title" ILIKE $1 OR "blurb" ILIKE $2) LIMIT 100001

-- search similar
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("title" %> $1 OR "blurb" %> $2) ORDER BY LEAST("title" <->> $3, "blurb" <->> $4) LIMIT 100001
