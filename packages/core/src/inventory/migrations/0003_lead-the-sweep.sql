CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"epoch" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
-- The service may not add a row: it takes this one.
INSERT INTO "leases" VALUES ('sweeper', '', 0, '-infinity');
