import { sql } from "drizzle-orm";
import type { Db } from "../database.ts";

/**
 * Which of these orders are recorded and which are rejected. A rejected order that a replay recorded later counts as
 * recorded. The ids are one parameter in JSON, as in `record`: RDS Proxy pins a session for a statement over 16 KB.
 */
export async function outcomes(
  db: Db,
  ids: readonly string[],
): Promise<{ recorded: string[]; rejected: string[] }> {
  if (ids.length === 0) return { recorded: [], rejected: [] };
  const rows = await db.execute<{ id: string; is_recorded: boolean }>(sql`
    WITH asked AS MATERIALIZED (SELECT ARRAY(SELECT json_array_elements_text(${JSON.stringify(ids)})) AS ids)
    SELECT id, true AS is_recorded FROM orders WHERE id = ANY ((SELECT ids FROM asked)::text[])
    UNION ALL
    SELECT order_id, false FROM rejections WHERE order_id = ANY ((SELECT ids FROM asked)::text[])`);
  const recorded = new Set(rows.filter(({ is_recorded }) => is_recorded).map(({ id }) => id));
  const rejected = rows.map(({ id }) => id).filter((id) => !recorded.has(id));
  return { recorded: [...recorded], rejected };
}
