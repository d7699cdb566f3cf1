-- What the real tool left, as README.md says.
CREATE TABLE public.__diesel_schema_migrations (
    version character varying(50) NOT NULL,
    run_on timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    email text
);

INSERT INTO public.__diesel_schema_migrations VALUES ('20240501120000', '2026-11-21 07:08:53.465288');
INSERT INTO public.__diesel_schema_migrations VALUES ('202405021200000000', '2026-11-21 07:08:53.47635');

ALTER TABLE ONLY public.__diesel_schema_migrations
    ADD CONSTRAINT __diesel_schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX users_email ON public.users USING btree (email);

