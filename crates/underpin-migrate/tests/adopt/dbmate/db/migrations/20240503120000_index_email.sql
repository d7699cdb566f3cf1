-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);

-- migrate:down
