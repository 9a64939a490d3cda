-- The service may not delete rejections; this deletes only those that are past their life, at most 500 at once.
CREATE FUNCTION "sweep_rejections"() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH "swept" AS (
    DELETE FROM "rejections" WHERE "order_id" IN (
      SELECT "order_id" FROM "rejections" WHERE "rejected_at" < now() - interval '90 days' LIMIT 500
    )
    RETURNING 1
  )
  SELECT count(*)::integer FROM "swept";
END;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "sweep_rejections"() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "sweep_rejections"() TO "billing";
