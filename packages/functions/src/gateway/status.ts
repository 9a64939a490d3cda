import { startAge } from "@cloud-design/core/age";
import * as z from "zod";
import type { OrdersQueue } from "../shared/orders-queue.ts";
import type { Component, PlatformStatus, State } from "../shared/platform-status.ts";

const ASK_SECONDS = 1.5;
/** A flood of questions costs the parts one answer in this time. */
const CACHE_SECONDS = 5;

/** What a service says of itself and of what it leans on, at `/health/components`. A newer one may have a word that is not known here. */
const Components = z.record(z.string(), z.enum(["up", "degraded", "down"]).catch("degraded"));

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
  return { status: overall(components), checked_at: new Date().toISOString(), components };
}

/** Down is when nobody can read and nobody can order; anything less is degraded. */
function overall(components: readonly Component[]): State {
  const isDown = (name: string) =>
    components.some((component) => component.name === name && component.status === "down");
  if (isDown("inventory") && isDown("orders-queue")) return "down";
  return components.some(({ status }) => status !== "up") ? "degraded" : "up";
}

/** Asks a service for itself and for what it leans on. */
export async function askService(
  name: string,
  url: string,
  leansOn: readonly string[],
  seconds = ASK_SECONDS,
): Promise<Component[]> {
  const startedAt = performance.now();
  const answer = await fetch(new URL("/health/components", url), {
    redirect: "error",
    signal: AbortSignal.timeout(seconds * 1_000),
  })
    .then(async (response) => Components.parse(await response.json()))
    .catch(() => undefined);
  const latency_ms = Math.round(performance.now() - startedAt);
  return [
    // One that answers may say of itself that it does not get on.
    { name, status: answer ? (answer[name] ?? "up") : "down", latency_ms },
    // A service that does not answer says nothing about what is behind it.
    ...(answer ? leansOn : []).map((part) => ({ name: part, status: answer?.[part] ?? "down", latency_ms })),
  ];
}

async function askQueue(queue: OrdersQueue): Promise<Component> {
  const startedAt = performance.now();
  const waiting = await queue.countWaiting().catch(() => undefined);
  const latency_ms = Math.round(performance.now() - startedAt);
  if (waiting === undefined) return { name: "orders-queue", status: "down", latency_ms };
  return { name: "orders-queue", status: "up", latency_ms, waiting };
}
