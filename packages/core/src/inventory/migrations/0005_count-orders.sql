CREATE TABLE "counted_events" (
	"id" text PRIMARY KEY NOT NULL,
	"counted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "movies" ADD COLUMN "times_ordered" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "counted_events_by_age" ON "counted_events" USING btree ("counted_at");