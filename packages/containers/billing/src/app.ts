import * as Billing from "@cloud-design/core/billing";
import type { Database } from "@cloud-design/core/database";
import type { TokenVerifier } from "@cloud-design/core/identity";
import type { Log } from "@cloud-design/core/log";
import { authenticate, HttpProblem, methodNotAllowed, requireScope } from "@cloud-design/http";
import { createServiceApp } from "../../shared/service-app.ts";

export interface BillingDependencies {
  database: Database;
  verifier: TokenVerifier;
  isConsuming: () => boolean;
  /** When the newest order that this process has recorded was accepted. */
  recordedUpTo: () => Date | undefined;
  siteUrl: string;
  log: Log;
}

export function createApp(deps: BillingDependencies) {
  const { database, verifier, isConsuming, recordedUpTo, siteUrl, log } = deps;
  const components = { "billing-database": database.isUp, rabbitmq: async () => isConsuming() };
  return createServiceApp({ siteUrl, log, components })
    .get("/health/progress", (c) => c.json({ recorded_up_to: recordedUpTo()?.toISOString() ?? null }))
    .use("/api/*", authenticate(verifier))
    .get("/api/billing/orders/:id", requireScope("orders.read"), async (c) => {
      const order = await database.run((db) => Billing.fromId(db, c.req.param("id"), c.var.caller.id));
      if (!order) throw new HttpProblem("not-found", "You have no order with this id.");
      return c.json(order);
    })
    .all("/api/billing/orders/:id", methodNotAllowed(["GET", "HEAD"]));
}
