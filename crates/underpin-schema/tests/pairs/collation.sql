create table t(a text);

-- becomes

create collation ci (provider=icu, locale='und-u-ks-level2', deterministic=false);
create table t(a text collate ci unique);
