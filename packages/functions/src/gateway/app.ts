import { byLane, type Lane } from "@cloud-design/core/billing/lanes";
import { MOVIE_BYTES_MAX } from "@cloud-design/core/inventory/movie";
import type { Log } from "@cloud-design/core/log";
import { json, methodNotAllowed, notFound, onProblem, readBytes } from "@cloud-design/http";
import type { Live, Ready } from "@cloud-design/http/health";
import { traced } from "@cloud-design/http/traced";
import { type Handler, Hono } from "hono";
import type { OrdersQueue } from "../shared/orders-queue.ts";
import { createBacklog } from "./backlog.ts";
import { allow, type GatewayBindings, type GatewayContext } from "./caller.ts";
import { call } from "./forward.ts";
import { acceptOrder, showOrder } from "./orders.ts";
import { requireOrigin } from "./origin.ts";
import { type InventoryPath, isInventoryPath, methodsOf, type Path, ROUTES } from "./routes.ts";
import { createStatus } from "./status.ts";

export interface GatewayDependencies {
  inventoryUrl: string;
  billingUrl: string;
  siteUrl: string;
  orderIdSecret: string;
  /** Without it requests are accepted from any origin. */
  originSecret?: string | undefined;
  queue: OrdersQueue;
  log: Log;
}

/** Exactly one handler for each row of `ROUTES` that is not forwarded, which the type check enforces. */
type Handlers = {
  [Own in Exclude<Path, InventoryPath>]: Record<keyof (typeof ROUTES)[Own], Handler<GatewayBindings>>;
};

export function createApp(deps: GatewayDependencies): Hono<GatewayBindings> {
  const status = createStatus(deps);
  const backlogs = byLane((lane) => createBacklog(deps.queue, lane));
  const orderDeps = { ...deps, backlogSeconds: (lane: Lane) => backlogs[lane]() };
  const handlers: Handlers = {
    "/api/billing": { POST: (c) => acceptOrder(c, orderDeps) },
    "/api/billing/orders/{id}": { GET: (c) => showOrder(c, orderDeps) },
    "/api/status": {
      GET: async (c) => {
        const platform = await status();
        return json(c, platform, platform.status === "down" ? 503 : 200, { "cache-control": "no-store" });
      },
    },
    "/health/live": { GET: (c) => json(c, { status: "live" } satisfies Live) },
    "/health/ready": { GET: (c) => json(c, { status: "ready" } satisfies Ready) },
  };

  const app = new Hono<GatewayBindings>({ strict: false });
  app.use(traced({ isNamed: true }));
  if (deps.originSecret !== undefined) app.use(requireOrigin(deps.originSecret, deps.siteUrl));
  for (const path of Object.keys(ROUTES) as Path[]) {
    const pattern = path.replace("{id}", ":id");
    const forward: Handler<GatewayBindings> = (c) => forwardToInventory(c, deps, path);
    const own: Record<string, Handler<GatewayBindings>> = isInventoryPath(path) ? {} : handlers[path];
    for (const [method, access] of Object.entries(ROUTES[path])) {
      const handler = isInventoryPath(path) ? forward : own[method];
      if (handler) app.on(method, pattern, allow(access, deps.log), handler);
    }
    const known = Object.keys(methodsOf(path));
    // A preflight; where CORS is allowed, API Gateway adds its headers.
    app.options(pattern, (c) => c.body(null, 204, { allow: known.join(", ") }));
    app.all(pattern, methodNotAllowed(known));
  }
  app.notFound(notFound(deps.siteUrl));
  app.onError(onProblem(deps.siteUrl, deps.log));
  return app;
}

async function forwardToInventory(
  c: GatewayContext,
  deps: GatewayDependencies,
  path: Path,
): Promise<Response> {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  // Encoded again: a decoded id with a slash would be another path.
  const id = encodeURIComponent(c.req.param("id") ?? "");
  const target = path.replace("{id}", () => id) + new URL(c.req.url).search;
  const inventory = { name: "inventory", url: deps.inventoryUrl };
  const request = { method, path: target, isRepeatable: isRepeatable(c, path) };
  if (method !== "POST" && method !== "PUT") return call(c, inventory, request);
  return call(c, inventory, { ...request, body: await readBytes(c, MOVIE_BYTES_MAX) });
}

/**
 * Whether a request may be repeated (RFC 9110, section 9.2.2). Deleting all movies may not: the answer has their
 * number, and a second call would answer 0.
 */
function isRepeatable({ req }: GatewayContext, path: Path): boolean {
  // Inventory keeps the keys of movies alone: a webhook or an import would be made twice.
  if (req.method === "POST") return path === "/api/movies" && req.header("idempotency-key") !== undefined;
  return req.method !== "DELETE" || req.param("id") !== undefined;
}
