-- create, a default given
INSERT INTO "notes" ("id", "created_by", "updated_by", "title", "tags", "owner_id", "state", "priority") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority"

-- upsert
INSERT INTO "notes" ("id", "created_by", "updated_by", "title", "tags", "owner_id", "priority") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ("title") WHERE "deleted_at" IS NULL DO UPDATE SET "updated_by" = EXCLUDED."updated_by", "tags" = EXCLUDED."tags", "owner_id" = EXCLUDED."owner_id", "priority" = EXCLUDED."priority", "updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond') WHERE "notes"."deleted_at" IS NULL RETURNING "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority"

-- upsert by key
INSERT INTO "notes" ("id", "created_by", "updated_by", "title", "tags", "owner_id", "priority") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ("id") DO UPDATE SET "updated_by" = EXCLUDED."updated_by", "title" = EXCLUDED."title", "tags" = EXCLUDED."tags", "owner_id" = EXCLUDED."owner_id", "priority" = EXCLUDED."priority", "updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond') WHERE "notes"."deleted_at" IS NULL RETURNING "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority"

-- update
UPDATE "notes" SET "title" = $3, "priority" = $4, "updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond'), "updated_by" = $2 WHERE "id" = $1 AND "deleted_at" IS NULL RETURNING "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority"

-- bulk_create
INSERT INTO "users" ("id", "created_by", "updated_by", "email", "password_hash") SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[])

-- bulk_update
UPDATE "users" SET "email" = changed.d1, "updated_at" = GREATEST(clock_timestamp(), "users"."updated_at" + interval '1 microsecond'), "updated_by" = $3 FROM (SELECT unnest($1::uuid[]) AS d0, unnest($2::text[]) AS d1) AS changed WHERE "id" = changed.d0 AND "deleted_at" IS NULL

-- bulk_delete
UPDATE "notes" SET "deleted_at" = now(), "updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond'), "updated_by" = $2 WHERE ("id") IN (SELECT unnest($1::uuid[])) AND "deleted_at" IS NULL
