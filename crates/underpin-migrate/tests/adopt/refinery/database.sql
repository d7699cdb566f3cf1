-- What the real tool left, as README.md says.
CREATE TABLE public.refinery_schema_history (
    version integer NOT NULL,
    name character varying(255),
    applied_on character varying(255),
    checksum character varying(255)
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    email text
);

INSERT INTO public.refinery_schema_history VALUES (1, 'create_users', '2026-11-21T07:08:53.369117725Z', '6760153405721078615');
INSERT INTO public.refinery_schema_history VALUES (2, 'add_email', '2026-11-21T07:08:53.380309128Z', '18135966968695174879');

ALTER TABLE ONLY public.refinery_schema_history
    ADD CONSTRAINT refinery_schema_history_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX users_email ON public.users USING btree (email);

