-- sort=id
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL ORDER BY "id" LIMIT $1

-- shape=paper&tags=a,b&created_at[gte]=2026-01-01&sort=-created_at&limit=50
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "created_at" >= $1 AND "shape" = $2 AND "tags" @> $3 ORDER BY "created_at" DESC, "id" DESC LIMIT $4

-- stars[in]=1,2&stars[not_in]=3&stars[null]=false
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "stars" = ANY($1) AND ("stars" <> ALL($2) OR "stars" IS NULL) AND NOT ("stars" IS NULL) ORDER BY "id" LIMIT $3

-- title[contains]=a&title[starts_with]=b&tags[any]=c&metadata=[]
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND "metadata" @> $1 AND "tags" && $2 AND "title" ILIKE $3 AND "title" LIKE $4 ORDER BY "id" LIMIT $5

-- search=a&stars[ne]=1&title[ne]=b&sort=stars,-title
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "blurb", "tags", "author_id", "editor_id", "shape", "metadata", "stars", "price", "seen_from", "lent", "words", "secret" FROM "books" WHERE "deleted_at" IS NULL AND ("title" ILIKE $1 OR "blurb" ILIKE $2) AND "stars" IS DISTINCT FROM $3 AND "title" <> $4 ORDER BY "stars", "title" DESC, "id" DESC LIMIT $5
