-- As Flyway 10 makes it (PostgreSQLDatabase.java, ChecksumCalculator.java); the program itself cannot be installed everywhere.
CREATE TABLE public.flyway_schema_history (
    installed_rank integer NOT NULL,
    version character varying(50),
    description character varying(200) NOT NULL,
    type character varying(20) NOT NULL,
    script character varying(1000) NOT NULL,
    checksum integer,
    installed_by character varying(100) NOT NULL,
    installed_on timestamp without time zone DEFAULT now() NOT NULL,
    execution_time integer NOT NULL,
    success boolean NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    email text
);

CREATE VIEW public.user_names AS
 SELECT users.name
   FROM public.users;

INSERT INTO public.flyway_schema_history VALUES (1, '1', 'create users', 'SQL', 'V1__create_users.sql', -1988565137, 'app', '2024-05-01 12:00:00', 12, true);
INSERT INTO public.flyway_schema_history VALUES (2, '1.2', 'add email', 'SQL', 'V1.2__add_email.sql', -1893713799, 'app', '2024-05-02 12:00:00', 7, true);
INSERT INTO public.flyway_schema_history VALUES (3, NULL, 'user names', 'SQL', 'R__user_names.sql', -152910129, 'app', '2024-05-02 12:00:01', 3, true);

ALTER TABLE ONLY public.flyway_schema_history
    ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX flyway_schema_history_s_idx ON public.flyway_schema_history USING btree (success);

CREATE UNIQUE INDEX users_email ON public.users USING btree (email);

