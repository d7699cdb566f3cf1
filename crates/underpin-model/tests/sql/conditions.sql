-- eq
"title" = $1

-- ne
"title" <> $1

-- ne, nullable
"stars" IS DISTINCT FROM $1

-- lt
"stars" < $1

-- le
"stars" <= $1

-- gt
"stars" > $1

-- ge
"stars" >= $1

-- between
"stars" BETWEEN $1 AND $2

-- in
"stars" = ANY($1)

-- not in
"shape" <> ALL($1)

-- not in, nullable
("stars" <> ALL($1) OR "stars" IS NULL)

-- true
"is_active"

-- false
NOT "is_active"

-- null
"stars" IS NULL

-- not null
"stars" IS NOT NULL

-- like
"title" LIKE $1

-- ilike
"title" ILIKE $1

-- resembles
"title" % $1

-- array contains
"tags" @> $1

-- array contained by
"tags" <@ $1

-- array overlaps
"tags" && $1

-- array empty
cardinality("tags") = 0

-- json contains
"metadata" @> $1

-- json key
"metadata" ? $1

-- json any key
"metadata" ?| $1

-- json all keys
"metadata" ?& $1

-- json path
"metadata" #> $1 = $2

-- json path text
"metadata" #>> $1 = ANY($2)

-- json path pattern
"metadata" #>> $1 ILIKE $2

-- json path exists
"metadata" #> $1 IS NOT NULL

-- sql/json path
jsonb_path_exists("metadata", $1::text::jsonpath, $2)

-- full text
"words" @@ websearch_to_tsquery($1)

-- full text in a language
"words" @@ websearch_to_tsquery($1::text::regconfig, $2)

-- range contains value
"lent" @> $1

-- range overlaps
"lent" && $1

-- range before
"lent" << $1

-- range after
"lent" >> $1

-- range adjacent
"lent" -|- $1

-- network
"seen_from" <<= $1::text::inet

-- and
"title" = $1 AND "stars" = $2 AND "price" = $3

-- or in and
("title" = $1 OR "stars" = $2) AND "price" = $3

-- and in or
("title" = $1 AND "price" = $2) OR "stars" = $3

-- not
NOT ("title" = $1)

-- not, nullable
("stars" = $1 OR "title" = $2) IS NOT TRUE

-- all of none
TRUE

-- any of none
FALSE
