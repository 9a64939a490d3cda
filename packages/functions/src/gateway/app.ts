import { MOVIE_BYTES_MAX } from "@cloud-design/core/inventory/movie";
import type { Log } from "@cloud-design/core/log";
import { json, methodNotAllowed, notFound, onProblem, readBytes } from "@cloud-design/http";
import type { Live, Ready } from "@cloud-design/http/health";
import { traced } from "@cloud-design/http/traced";
import { type Handler, Hono } from "hono";
import type { OrdersQueue } from "../shared/orders-queue.ts";
import { allow, type GatewayBindings, type GatewayContext } from "./caller.ts";
import { call } from "./forward.ts";
import { acceptOrder, showOrder } from "./orders.ts";
import { requireOrigin } from "./origin.ts";
import { methodsOf, ROUTES } from "./routes.ts";
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

/** Exactly one handler for each row of `ROUTES`, which the type check enforces. */
type Handlers = {
  [Path in keyof typeof ROUTES]: Record<keyof (typeof ROUTES)[Path], Handler<GatewayBindings>>;
};

export function createApp(deps: GatewayDependencies): Hono<GatewayBindings> {
  const status = createStatus(deps);
  const movies: Handler<GatewayBindings> = (c) => forwardMovies(c, deps, "/api/movies");
  const movie: Handler<GatewayBindings> = (c) =>
    forwardMovies(c, deps, `/api/movies/${encodeURIComponent(c.req.param("id") ?? "")}`);

  const handlers: Handlers = {
    "/api/movies": { GET: movies, POST: movies, DELETE: movies },
    "/api/movies/{id}": { GET: movie, PUT: movie, DELETE: movie },
    "/api/billing": { POST: (c) => acceptOrder(c, deps) },
    "/api/billing/orders/{id}": { GET: (c) => showOrder(c, deps) },
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
  for (const path of Object.keys(ROUTES) as (keyof typeof ROUTES)[]) {
    const pattern = path.replace("{id}", ":id");
    const methods: Record<string, Handler<GatewayBindings>> = handlers[path];
    for (const [method, access] of Object.entries(ROUTES[path])) {
      const handler = methods[method];
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

async function forwardMovies(c: GatewayContext, deps: GatewayDependencies, path: string): Promise<Response> {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const target = `${path}${new URL(c.req.url).search}`;
  const inventory = { name: "inventory", url: deps.inventoryUrl };
  const request = { method, path: target, isRepeatable: isRepeatable(c) };
  if (method !== "POST" && method !== "PUT") return call(c, inventory, request);
  return call(c, inventory, { ...request, body: await readBytes(c, MOVIE_BYTES_MAX) });
}

/**
 * Whether a request may be repeated (RFC 9110, section 9.2.2). Deleting all movies may not: the answer has their
 * number, and a second call would answer 0.
 */
function isRepeatable({ req }: GatewayContext): boolean {
  if (req.method === "POST") return req.header("idempotency-key") !== undefined;
  return req.method !== "DELETE" || req.param("id") !== undefined;
}
