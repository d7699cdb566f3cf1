create type st as (n int, s numeric);
create function acc(st, numeric) returns st language sql immutable as 'select row($1.n + 1, $1.s + $2)::st';
create function fin(st) returns numeric language sql immutable as 'select $1.s / nullif($1.n, 0)';
create aggregate mean(numeric) (sfunc = acc, stype = st, finalfunc = fin, initcond = '(0,0)');
create view v as select mean(x) from generate_series(1, 3) x;

-- becomes

create type st as (n bigint, s numeric);
create function acc(st, numeric) returns st language sql immutable as 'select row($1.n + 1, $1.s + $2)::st';
create function fin(st) returns numeric language sql immutable as 'select $1.s / nullif($1.n, 0)';
create aggregate mean(numeric) (sfunc = acc, stype = st, finalfunc = fin, initcond = '(0,0)');
create aggregate top(order by anyelement) (sfunc = ordered_set_transition, stype = internal, finalfunc = mode_final, finalfunc_extra);
create view v as select mean(x) from generate_series(1, 3) x;
