import { sql } from "drizzle-orm";
import { type Db, sqlState } from "../database.ts";
import { DomainError } from "../errors.ts";
import { webhookColumns, webhookOf } from "./row.ts";
import { webhookTable } from "./webhook.sql.ts";
import { newWebhookId, WEBHOOKS_MAX, type Webhook, type WebhookBody } from "./webhook.ts";

const NOT_NULL_VIOLATION = "23502";
const UNIQUE_VIOLATION = "23505";

/** Creates a webhook of this owner. Throws `invalid` when they have WEBHOOKS_MAX already. */
export async function create(db: Db, { url, events }: WebhookBody, owner: string): Promise<Webhook> {
  // Null when every place is taken.
  const place = sql`(
    SELECT min(free) FROM generate_series(1, ${WEBHOOKS_MAX}::int) AS free
    WHERE NOT EXISTS (SELECT FROM ${webhookTable} WHERE ${webhookTable.owner} = ${owner} AND ${webhookTable.place} = free))`;
  for (;;) {
    try {
      const [row] = await db
        .insert(webhookTable)
        .values({ id: newWebhookId(), owner, place, url, events: events.join(" ") })
        .returning(webhookColumns);
      if (!row) throw new Error("INSERT ... RETURNING gave no row");
      return webhookOf(row);
    } catch (error) {
      const state = sqlState(error);
      if (state === NOT_NULL_VIOLATION)
        throw new DomainError(
          "invalid",
          `You have ${WEBHOOKS_MAX} webhooks, which is the most. Delete one of them first.`,
        );
      // Another request of this owner took the place meanwhile, so this ends after WEBHOOKS_MAX rounds.
      if (state !== UNIQUE_VIOLATION) throw error;
    }
  }
}
