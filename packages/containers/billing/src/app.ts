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
  /** Messages in the hands of this process. */
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
      // While its database is down it waits, as it should.
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
        // What is no id of ours may hold what PostgreSQL takes in no text.
        const order = Billing.isOrderId(id)
          ? await database.run((db) => Billing.fromId(db, id, c.var.caller.id))
          : undefined;
        if (!order) throw new HttpProblem("not-found", "You have no order with this id.");
        return json(c, order);
      })
      .all("/api/billing/orders/:id", methodNotAllowed(["GET", "HEAD"]))
      /*
       * For the status probe. No route of the gateway leads here, and a token opens it all the same: nothing within the network is open. It asks
       * for no scope of its own, since it tells whoever has an id no more than whether there is a row, and an id cannot be guessed.
       */
      .use("/ledger/*", authenticate(verifier))
      .post("/ledger/outcomes", requireScope("orders.read"), async (c) => {
        const { ids } = parse(Billing.LedgerQuestion, await readJson(c, Billing.LEDGER_BYTES_MAX));
        // Before the rows: a message that is settled in between is then counted twice, and not left out.
        const inHand = held();
        const outcomes = await database.run((db) => Billing.outcomes(db, ids));
        return json(c, { ...outcomes, held: inHand, holder } satisfies Billing.LedgerAnswer);
      })
      .all("/ledger/outcomes", methodNotAllowed(["POST"]))
  );
}
