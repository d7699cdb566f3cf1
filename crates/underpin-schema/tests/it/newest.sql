-- What PostgreSQL 18 added.
CREATE TABLE rooms (
    id int4range,
    valid daterange,
    floor integer CONSTRAINT has_floor NOT NULL NO INHERIT,
    size integer,
    doubled integer GENERATED ALWAYS AS (size * 2) VIRTUAL,
    PRIMARY KEY (id, valid WITHOUT OVERLAPS),
    CONSTRAINT wish CHECK (size > 0) NOT ENFORCED
);
CREATE TABLE bookings (
    id integer PRIMARY KEY,
    room int4range,
    during daterange,
    guest integer,
    FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD valid),
    CONSTRAINT self FOREIGN KEY (guest) REFERENCES bookings NOT ENFORCED
);
ALTER TABLE bookings ADD CONSTRAINT has_guest NOT NULL guest NOT VALID;
CREATE TABLE parted (id integer NOT NULL, other integer REFERENCES bookings) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (2);
CREATE TABLE child (extra integer) INHERITS (bookings);
ALTER TABLE child ALTER extra SET NOT NULL, ALTER during SET NOT NULL;
