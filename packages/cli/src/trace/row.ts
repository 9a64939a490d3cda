import type { Timeline } from "@cloud-design/traces/timeline/timeline";
import postgres from "postgres";
import * as z from "zod";

/** A healthy database answers at once, and the reader should not wait for another. */
const CONNECT_SECONDS = 3;

const instant = z.date().transform((date) => date.getTime());
const Row = z.object({
  state: z.enum(["recorded", "rejected"]),
  at: instant,
  accepted_at: instant.nullable(),
  reason: z.string().nullable(),
});
export type OrderRow = z.output<typeof Row>;

/** The database's row of an order; undefined if it has no such row. Rejects if it does not answer. */
export async function rowOf(orderId: string, databaseUrl: string): Promise<OrderRow | undefined> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: CONNECT_SECONDS, onnotice: () => {} });
  try {
    // An order that was rejected and recorded after all counts as recorded.
    const [row] = await sql`
      SELECT 'recorded' AS state, recorded_at AS at, accepted_at, NULL AS reason FROM orders WHERE id = ${orderId}
      UNION ALL SELECT 'rejected', rejected_at, NULL, reason FROM rejections WHERE order_id = ${orderId} ORDER BY state LIMIT 1`;
    return row && Row.parse(row);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The timeline with the outcome from the database, if the trace has lost the hop that wrote the row. */
export function withRow(timeline: Timeline, row: OrderRow | undefined): Timeline {
  if (row === undefined || timeline.outcome.state === row.state) return timeline;
  const { state, at, reason, accepted_at } = row;
  const startedAtMs = timeline.hops.length > 0 ? timeline.startedAtMs : (accepted_at ?? at);
  // The order waits no longer, whatever the last hop was.
  const hops = timeline.hops.map((hop) =>
    hop.endMs === null ? { ...hop, endMs: Math.max(hop.startMs, at) } : hop,
  );
  return { ...timeline, startedAtMs, hops, outcome: { state, text: state, reason, atMs: at } };
}
