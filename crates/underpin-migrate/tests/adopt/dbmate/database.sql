-- What the real tool left, as README.md says.
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    email text
);

INSERT INTO public.schema_migrations VALUES ('20240501120000');
INSERT INTO public.schema_migrations VALUES ('20240502120000');
INSERT INTO public.schema_migrations VALUES ('20240503120000');

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX users_email ON public.users USING btree (email);

