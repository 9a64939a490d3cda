import { randomUUID } from "node:crypto";
import * as Billing from "@cloud-design/core/billing";
import type { Database } from "@cloud-design/core/database";
import type { TokenVerifier } from "@cloud-design/core/identity";
import type { Log } from "@cloud-design/core/log";
import {
  authenticate,
  HttpProblem,
  json,
  methodNotAllowed,
  parse,
  readJson,
  requireScope,
} from "@cloud-design/http";
import { createServiceApp } from "../../shared/service-app.ts";
import type { Progress } from "./progress.ts";

export interface BillingDependencies {
  database: Database;
  verifier: TokenVerifier;
  isConsuming: () => boolean;
  /** The number of messages that this process holds. */
  held: () => number;
  progress: Progress["state"];
  siteUrl: string;
  log: Log;
}

export function createApp({
  database,
  verifier,
  isConsuming,
  held,
  progress,
  siteUrl,
  log,
}: BillingDependencies) {
  const holder = randomUUID();
  const components = {
    billing: async () => {
      const state = progress();
      // While its database is down, billing is expected to wait.
      return state === "down" && !(await database.isUp()) ? "degraded" : state;
    },
    "billing-database": database.isUp,
    rabbitmq: async () => isConsuming(),
  };
  return (
    createServiceApp({ siteUrl, log, components })
      .use("/api/*", authenticate(verifier))
      .get("/api/billing/orders/:id", requireScope("orders.read"), async (c) => {
        const id = c.req.param("id");
        // A malformed id may contain characters that PostgreSQL refuses (NUL).
        const order = Billing.isOrderId(id)
          ? await database.run((db) => Billing.fromId(db, id, c.var.caller.id), c.req.raw)
          : undefined;
        if (!order) throw new HttpProblem("not-found", "You have no order with this id.");
        return json(c, order);
      })
      .all("/api/billing/orders/:id", methodNotAllowed(["GET", "HEAD"]))
      /*
       * For the status probe. The gateway has no route to it, but it requires a token nevertheless, as everything
       * within the network does. It needs no scope of its own: it only says whether an id has a row, and an id cannot
       * be guessed.
       */
      .use("/ledger/*", authenticate(verifier))
      .post("/ledger/outcomes", requireScope("orders.read"), async (c) => {
        const { ids } = parse(Billing.LedgerQuestion, await readJson(c, Billing.LEDGER_BYTES_MAX));
        // Counted before the rows are read: a message that is settled in between is then counted twice rather than missed.
        const inHand = held();
        const outcomes = await database.run((db) => Billing.outcomes(db, ids), c.req.raw);
        return json(c, { ...outcomes, held: inHand, holder } satisfies Billing.LedgerAnswer);
      })
      .all("/ledger/outcomes", methodNotAllowed(["POST"]))
  );
}
