import { createLog } from "@cloud-design/core/log";
import { createApp } from "@cloud-design/functions/gateway/app";

/** The routes that the gateway's app answers itself, as `GET /api/movies/{id}`; the fallback for a path's other methods is `ANY`. */
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
    // API Gateway includes preflights in `ANY`; the middleware before every route answers no route.
    .filter((key) => !key.startsWith("OPTIONS ") && key !== "ANY /*");
  return new Set(routes);
}
