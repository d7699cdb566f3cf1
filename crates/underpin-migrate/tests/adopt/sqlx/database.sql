-- What the real tool left, as README.md says.
CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    email text
);

INSERT INTO public._sqlx_migrations VALUES (20240501120000, 'create users', '2026-11-21 07:08:53.257138+00', true, '\x4ec0270d754ac3fd1b016864d54f89decde092556ebd0047a69af0f92d704b63ac086094ccc05d407b6fb0f8e622028e', 3135601);
INSERT INTO public._sqlx_migrations VALUES (20240502120000, 'add email', '2026-11-21 07:08:53.264274+00', true, '\x966c1deae89863b046a4b0f9158c0ae06fe26f30d2a43c2aba39871f96fb9806b0cad8badab01984c24247dde3284cac', 7996602);

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX users_email ON public.users USING btree (email);

