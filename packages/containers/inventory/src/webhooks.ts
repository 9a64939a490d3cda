import type { Database } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import * as Webhooks from "@cloud-design/core/webhooks";
import { type ReceiverRules, refusalOf } from "@cloud-design/core/webhooks/receiver";
import { secretOf } from "@cloud-design/core/webhooks/signature";
import {
  type CallerVariables,
  HttpProblem,
  json,
  methodNotAllowed,
  parse,
  readJson,
  requireScope,
} from "@cloud-design/http";
import { type Context, Hono } from "hono";

export interface WebhookDependencies extends ReceiverRules {
  /** The stage's secret. */
  secret: () => Promise<string>;
}

/**
 * The routes of webhooks. A webhook tells of the same orders as `GET /api/billing/orders/{id}`, so the scope to read
 * orders reads webhooks too. To create or delete one needs the scope to write orders: a token that may only read must
 * leave nothing behind.
 */
export function webhookRoutes(database: Database, { secret, ...rules }: WebhookDependencies) {
  const mayRead = requireScope("orders.read");
  const mayWrite = requireScope("orders.write");
  return new Hono<CallerVariables>({ strict: false })
    .get("/", mayRead, async (c) =>
      json(c, await database.run((db) => Webhooks.list(db, c.var.caller.id), c.req.raw)),
    )
    .post("/", mayWrite, async (c) => {
      const body = parse(Webhooks.WebhookBody, await readJson(c, Webhooks.WEBHOOK_BYTES_MAX));
      const detail = refusalOf(body.url, rules);
      if (detail !== undefined)
        throw new HttpProblem("invalid-request", `/url ${detail}`, { errors: [{ field: "/url", detail }] });
      // Read before the row is made: without it, the webhook would be of no use.
      const stageSecret = await secret().catch((cause) => {
        throw new DomainError("unavailable", "Webhooks cannot be created right now.", { cause });
      });
      const webhook = await database.run((db) => Webhooks.create(db, body, c.var.caller.id), c.req.raw);
      const created: Webhooks.WebhookCreated = { ...webhook, secret: secretOf(webhook.id, stageSecret) };
      return json(c, created, 200, { location: `/api/webhooks/${webhook.id}`, "cache-control": "no-store" });
    })
    .all("/", methodNotAllowed(["GET", "HEAD", "POST"]))
    .get("/:id", mayRead, async (c) => {
      const id = webhookId(c);
      return json(c, found(await database.run((db) => Webhooks.fromId(db, id, c.var.caller.id), c.req.raw)));
    })
    .delete("/:id", mayWrite, async (c) => {
      const id = webhookId(c);
      return json(c, found(await database.run((db) => Webhooks.remove(db, id, c.var.caller.id), c.req.raw)));
    })
    .all("/:id", methodNotAllowed(["GET", "HEAD", "DELETE"]));
}

/** The id in the path. A malformed id gives the same 404 as an unknown one. */
function webhookId(c: Context): string {
  return found(Webhooks.WebhookId.safeParse(c.req.param("id")).data);
}

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new HttpProblem("not-found", "You have no webhook with this id.");
  return thing;
}
