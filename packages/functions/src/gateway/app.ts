import { ORDER_BYTES_MAX, OrderBody, toWire } from "@cloud-design/core/billing/order";
import { isIssuedTo, mintOrderId } from "@cloud-design/core/billing/order-id";
import { IdempotencyKey } from "@cloud-design/core/idempotency-key";
import { MOVIE_BYTES_MAX } from "@cloud-design/core/inventory/movie";
import type { Log } from "@cloud-design/core/log";
import {
  HttpProblem,
  methodNotAllowed,
  notFound,
  onProblem,
  parse,
  parseHeader,
  readBytes,
  readJson,
} from "@cloud-design/http";
import { type Context, type Handler, Hono } from "hono";
import { allow, type GatewayBindings } from "./caller.ts";
import { call } from "./forward.ts";
import type { OrdersQueue } from "./orders-queue.ts";
import { methodsOf, ROUTES } from "./routes.ts";
import { createStatus } from "./status.ts";

export interface GatewayDependencies {
  inventoryUrl: string;
  billingUrl: string;
  siteUrl: string;
  orderIdSecret: string;
  queue: OrdersQueue;
  log: Log;
}

type GatewayContext = Context<GatewayBindings>;
/** One handler for each row of `ROUTES`, no more and no less: the type check says so. */
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
        return c.json(platform, platform.status === "down" ? 503 : 200, { "cache-control": "no-store" });
      },
    },
    "/health/live": { GET: (c) => c.json({ status: "live" }) },
    "/health/ready": { GET: (c) => c.json({ status: "ready" }) },
  };

  const app = new Hono<GatewayBindings>({ strict: false });
  for (const path of Object.keys(ROUTES) as (keyof typeof ROUTES)[]) {
    const pattern = path.replace("{id}", ":id");
    const methods: Record<string, Handler<GatewayBindings>> = handlers[path];
    for (const [method, access] of Object.entries(ROUTES[path])) {
      const handler = methods[method];
      if (handler) app.on(method, pattern, allow(access), handler);
    }
    app.all(pattern, methodNotAllowed(Object.keys(methodsOf(path))));
  }
  app.notFound(notFound);
  app.onError(onProblem(deps.siteUrl, deps.log));
  return app;
}

async function forwardMovies(c: GatewayContext, deps: GatewayDependencies, path: string): Promise<Response> {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const target = `${path}${new URL(c.req.url).search}`;
  if (method !== "POST" && method !== "PUT") return call(c, deps.inventoryUrl, { method, path: target });
  const body = await readBytes(c, MOVIE_BYTES_MAX);
  return call(c, deps.inventoryUrl, { method, path: target, body });
}

/** Answers once SQS has the order: from then on it will be recorded, or rejected with a reason. */
async function acceptOrder(c: GatewayContext, deps: GatewayDependencies): Promise<Response> {
  const idempotencyKey = parseHeader(c, "idempotency-key", IdempotencyKey);
  const body = await readJson(c, ORDER_BYTES_MAX);
  const order = parse(OrderBody, body);
  const owner = c.var.caller.id;
  const id = mintOrderId(order, { secret: deps.orderIdSecret, owner, idempotencyKey });

  await deps.queue.enqueue({
    id,
    owner,
    acceptedAt: new Date().toISOString(),
    traceparent: traceparentOf(c),
    body: JSON.stringify(body),
  });
  deps.log.info({ order_id: id }, "order accepted");

  const answer = { id, status: "accepted", ...toWire(order) };
  const headers = { location: `/api/billing/orders/${id}` };
  if (!prefersAsync(c)) return c.json(answer, 200, headers);
  return c.json(answer, 202, { ...headers, "retry-after": "1", "preference-applied": "respond-async" });
}

/** The id itself says whether it was issued, and to whom; billing says what became of it. */
async function showOrder(c: GatewayContext, deps: GatewayDependencies): Promise<Response> {
  const id = c.req.param("id") ?? "";
  if (!isIssuedTo(id, { secret: deps.orderIdSecret, owner: c.var.caller.id })) {
    throw new HttpProblem("not-found", "You have no order with this id.");
  }
  const response = await call(c, deps.billingUrl, { path: `/api/billing/orders/${id}` });
  if (response.status !== 404) return response;
  return c.json({ id, status: "accepted" }, 202, { "retry-after": "1" });
}

/** RFC 7240. */
function prefersAsync(c: Context): boolean {
  const preferences = (c.req.header("prefer") ?? "").split(",");
  return preferences.some((preference) => preference.split(";")[0]?.trim().toLowerCase() === "respond-async");
}

/** W3C Trace Context, level 1; anything else is dropped. */
function traceparentOf(c: Context): string | undefined {
  const header = c.req.header("traceparent") ?? "";
  return /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(header) ? header : undefined;
}
