-- The index that uses it is built outside of this transaction: packages/core/src/migrate.ts.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
