import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import type { Lane } from "@cloud-design/core/billing/lanes";
import { ORDER_BYTES_MAX, OrderBody, toWire } from "@cloud-design/core/billing/order";
import { isIssuedTo, mintOrderId } from "@cloud-design/core/billing/order-id";
import type { OrderAccepted, OrderWaiting } from "@cloud-design/core/billing/order-state";
import { IdempotencyKey } from "@cloud-design/core/idempotency-key";
import type { Log } from "@cloud-design/core/log";
import { count, trace } from "@cloud-design/core/telemetry";
import { HttpProblem, json, parse, parseHeader, readJson, retryAfter } from "@cloud-design/http";
import type { Context } from "hono";
import type { OrdersQueue } from "../shared/orders-queue.ts";
import type { GatewayContext } from "./caller.ts";
import { call } from "./forward.ts";

interface OrderDependencies {
  billingUrl: string;
  orderIdSecret: string;
  queue: OrdersQueue;
  /** The seconds that the orders of the lane which wait now need. */
  backlogSeconds: (lane: Lane) => Promise<number>;
  log: Log;
}

/** Accepts an order. Answers once SQS has it: from then on it will be recorded, or rejected with a reason. */
export async function acceptOrder(c: GatewayContext, deps: OrderDependencies): Promise<Response> {
  const idempotencyKey = parseHeader(c, "idempotency-key", IdempotencyKey);
  const body = await readJson(c, ORDER_BYTES_MAX);
  const order = parse(OrderBody, body);
  const { caller, lane } = c.var;
  const owner = caller.id;
  const id = mintOrderId(order, { secret: deps.orderIdSecret, owner, idempotencyKey });

  trace.getActiveSpan()?.setAttribute("order.id", id);
  const acceptedAt = new Date().toISOString();
  await deps.queue.enqueue({ id, owner, lane, acceptedAt, body: JSON.stringify(body) });
  deps.log.info({ order_id: id, lane }, LOG_MESSAGES.accepted);
  count("orders.accepted");

  const answer: OrderAccepted = { id, status: "accepted", ...toWire(order) };
  const headers = { location: `/api/billing/orders/${id}` };
  if (!prefersAsync(c)) return json(c, answer, 200, headers);
  return json(c, answer, 202, {
    ...headers,
    "retry-after": retryAfter(1),
    "preference-applied": "respond-async",
  });
}

/** Shows an order. The id itself proves that it was issued and to whom; billing knows the outcome. */
export async function showOrder(c: GatewayContext, deps: OrderDependencies): Promise<Response> {
  const id = c.req.param("id") ?? "";
  if (!isIssuedTo(id, { secret: deps.orderIdSecret, owner: c.var.caller.id })) {
    throw new HttpProblem("not-found", "You have no order with this id.");
  }
  // Set only after the check: an invalid id may be any text.
  trace.getActiveSpan()?.setAttribute("order.id", id);
  const response = await call(
    c,
    { name: "billing", url: deps.billingUrl },
    { path: `/api/billing/orders/${id}` },
  );
  if (response.status !== 404) return response;
  const headers = { "retry-after": retryAfter(await deps.backlogSeconds(c.var.lane)) };
  return json(c, { id, status: "accepted" } satisfies OrderWaiting, 202, headers);
}

/** RFC 7240. */
function prefersAsync(c: Context): boolean {
  const preferences = (c.req.header("prefer") ?? "").split(",");
  return preferences.some((preference) => preference.split(";")[0]?.trim().toLowerCase() === "respond-async");
}
