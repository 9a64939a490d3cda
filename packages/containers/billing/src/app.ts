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
  siteUrl: string;
  log: Log;
}

export function createApp({ database, verifier, isConsuming, siteUrl, log }: BillingDependencies) {
  const components = { "billing-database": database.isUp, rabbitmq: async () => isConsuming() };
  return createServiceApp({ siteUrl, log, components })
    .use("/api/*", authenticate(verifier))
    .get("/api/billing/orders/:id", requireScope("orders.read"), async (c) => {
      const order = await database.run((db) => Billing.fromId(db, c.req.param("id"), c.var.caller.id));
      if (!order) throw new HttpProblem("not-found", "You have no order with this id.");
      return c.json(order);
    })
    .all("/api/billing/orders/:id", methodNotAllowed(["GET", "HEAD"]));
}
