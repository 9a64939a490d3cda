CREATE TABLE "attempts" (
	"message_key" text PRIMARY KEY NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" integer NOT NULL,
	"number_of_items" integer NOT NULL,
	"total_amount" numeric(12, 2) NOT NULL,
	"owner" text,
	"traceparent" text,
	"accepted_at" timestamp with time zone,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rejections" (
	"order_id" text PRIMARY KEY NOT NULL,
	"owner" text,
	"reason" text NOT NULL,
	"rejected_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "orders_one_per_idempotency_key" ON "orders" USING btree (substr("id", 1, 20));