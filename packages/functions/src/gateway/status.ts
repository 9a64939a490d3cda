import { startAge } from "@cloud-design/core/age";
import { eachLane } from "@cloud-design/core/billing/lanes";
import { platformState } from "@cloud-design/status/platform-state";
import { askService } from "../shared/ask-service.ts";
import type { OrdersQueue } from "../shared/orders-queue.ts";
import type { Component, PlatformStatus } from "../shared/platform-status.ts";

/** However many requests arrive, each component answers once in this time. */
const CACHE_SECONDS = 5;

export function createStatus(deps: { inventoryUrl: string; billingUrl: string; queue: OrdersQueue }) {
  let cached: { age: () => number; status: Promise<PlatformStatus> } | undefined;
  return (): Promise<PlatformStatus> => {
    if (!cached || cached.age() > CACHE_SECONDS * 1_000) cached = { age: startAge(), status: ask(deps) };
    return cached.status;
  };
}

async function ask(deps: {
  inventoryUrl: string;
  billingUrl: string;
  queue: OrdersQueue;
}): Promise<PlatformStatus> {
  const [inventory, billing, queue] = await Promise.all([
    askService("inventory", deps.inventoryUrl, ["inventory-database"]),
    askService("billing", deps.billingUrl, ["billing-database", "rabbitmq"]),
    askQueue(deps.queue),
  ]);
  const components = [...inventory, ...billing, queue];
  const states = Object.fromEntries(components.map(({ name, status }) => [name, status]));
  return { status: platformState(states), checked_at: new Date().toISOString(), components };
}

async function askQueue(queue: OrdersQueue): Promise<Component> {
  const startedAt = performance.now();
  const lanes = await eachLane((lane) => queue.countWaiting(lane)).catch(() => undefined);
  const latency_ms = Math.round(performance.now() - startedAt);
  if (lanes === undefined) return { name: "orders-queue", status: "down", latency_ms };
  const waiting = Object.values(lanes).reduce((sum, count) => sum + count, 0);
  return { name: "orders-queue", status: "up", latency_ms, waiting, lanes };
}
