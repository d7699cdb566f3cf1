CREATE TYPE span AS RANGE (SUBTYPE = int4, MULTIRANGE_TYPE_NAME = spans);
CREATE TYPE floatrange AS RANGE (SUBTYPE = float8);
CREATE TABLE t (a span, b spans, c floatmultirange);
-- becomes
CREATE TYPE span AS RANGE (SUBTYPE = int4, MULTIRANGE_TYPE_NAME = many);
CREATE TYPE floatrange AS RANGE (SUBTYPE = float8, MULTIRANGE_TYPE_NAME = floats);
CREATE TABLE t (a span, b many, c floats);
