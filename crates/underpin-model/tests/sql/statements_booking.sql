-- insert
INSERT INTO "bookings" ("room", "day", "guest") VALUES ($1, $2, $3) RETURNING "room", "day", "guest", "revision", "updated_at"
-- get
SELECT "room", "day", "guest", "revision", "updated_at" FROM "bookings" WHERE "room" = $1 AND "day" = $2
-- get_any
SELECT "room", "day", "guest", "revision", "updated_at" FROM "bookings" WHERE "room" = $1 AND "day" = $2
-- lock
SELECT "room", "day", "guest", "revision", "updated_at" FROM "bookings" WHERE "room" = $1 AND "day" = $2 FOR UPDATE
-- delete
DELETE FROM "bookings" WHERE "room" = $1 AND "day" = $2
-- restore

-- purge
DELETE FROM "bookings" WHERE "room" = $1 AND "day" = $2
-- by_key
"room" = $1 AND "day" = $2
-- touch
"revision" = "bookings"."revision" + 1, "updated_at" = GREATEST(clock_timestamp(), "bookings"."updated_at" + interval '1 microsecond')
