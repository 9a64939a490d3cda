import { webhookTable } from "./webhook.sql.ts";
import type { Webhook } from "./webhook.ts";

export const webhookColumns = {
  id: webhookTable.id,
  url: webhookTable.url,
  events: webhookTable.events,
  createdAt: webhookTable.createdAt,
};

interface Row {
  id: string;
  url: string;
  events: string;
  createdAt: string;
}

export function webhookOf({ id, url, events, createdAt }: Row): Webhook {
  return {
    id,
    url,
    events: events.split(" ") as Webhook["events"],
    created_at: new Date(createdAt).toISOString(),
  };
}
