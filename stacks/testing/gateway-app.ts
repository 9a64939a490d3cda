import { createLog } from "@cloud-design/core/log";
import { createApp } from "@cloud-design/functions/gateway/app";

/** The routes that the gateway's app itself answers, `GET /api/movies/{id}`; what catches a path's other methods is `ANY`. */
export function answeredRoutes(): Set<string> {
  const app = createApp({
    inventoryUrl: "http://inventory.example",
    billingUrl: "http://billing.example",
    siteUrl: "http://site.example",
    orderIdSecret: "a secret of thirty-two characters",
    queue: { enqueue: async () => {}, countWaiting: async () => 0 },
    log: createLog("test"),
  });
  const routes = app.routes
    .map(({ method, path }) => `${method === "ALL" ? "ANY" : method} ${path.replace(":id", "{id}")}`)
    // API Gateway sends preflights along with `ANY`; what stands before every route answers none.
    .filter((key) => !key.startsWith("OPTIONS ") && key !== "ANY /*");
  return new Set(routes);
}
