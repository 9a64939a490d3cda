import { createLog } from "@cloud-design/core/log";
import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { expect, test } from "vitest";
import { createApp } from "../packages/functions/src/gateway/app.ts";

test("the gateway answers the routes that API Gateway has, and no others", () => {
  const app = createApp({
    inventoryUrl: "http://inventory.example",
    billingUrl: "http://billing.example",
    siteUrl: "http://site.example",
    orderIdSecret: "a secret of thirty-two characters",
    queue: { enqueue: async () => {}, countWaiting: async () => 0 },
    log: createLog("test"),
  });
  const answered = app.routes
    .map(({ method, path }) => `${method === "ALL" ? "ANY" : method} ${path.replace(":id", "{id}")}`)
    // API Gateway sends preflights along with `ANY`.
    .filter((key) => !key.startsWith("OPTIONS "));
  // Hono answers HEAD with what it has for GET.
  const wanted = apiGatewayRoutes().filter(({ key }) => !key.startsWith("HEAD "));
  expect(new Set(answered)).toEqual(new Set(wanted.map(({ key }) => key)));
});
