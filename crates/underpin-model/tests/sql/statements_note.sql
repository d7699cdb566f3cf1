-- insert
INSERT INTO "notes" ("id", "created_by", "updated_by", "title", "tags", "owner_id", "priority") VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority"
-- get
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority" FROM "notes" WHERE "id" = $1 AND "deleted_at" IS NULL
-- get_any
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority" FROM "notes" WHERE "id" = $1
-- lock
SELECT "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority" FROM "notes" WHERE "id" = $1 AND "deleted_at" IS NULL FOR UPDATE
-- delete
UPDATE "notes" SET "deleted_at" = now(), "updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond'), "updated_by" = $2 WHERE "id" = $1 AND "deleted_at" IS NULL
-- restore
UPDATE "notes" SET "deleted_at" = NULL, "updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond'), "updated_by" = $2 WHERE "id" = $1 AND "deleted_at" IS NOT NULL RETURNING "id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "is_active", "title", "tags", "owner_id", "metadata", "state", "priority"
-- purge
DELETE FROM "notes" WHERE "id" = $1
-- by_key
"id" = $1
-- touch
"updated_at" = GREATEST(clock_timestamp(), "notes"."updated_at" + interval '1 microsecond')
