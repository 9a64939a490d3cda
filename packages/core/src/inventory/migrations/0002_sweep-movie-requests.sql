-- The service may not delete keys; this deletes only those that are past their life, at most 500 at once.
CREATE FUNCTION "sweep_movie_requests"() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH "swept" AS (
    DELETE FROM "movie_requests" WHERE "key" IN (
      SELECT "key" FROM "movie_requests" WHERE "created_at" < now() - interval '90 days' LIMIT 500
    )
    RETURNING 1
  )
  SELECT count(*)::integer FROM "swept";
END;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "sweep_movie_requests"() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "sweep_movie_requests"() TO "inventory";
