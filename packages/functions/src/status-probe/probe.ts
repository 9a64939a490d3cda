import type { Check, ComponentId, State, WaitingOrders } from "@cloud-design/status";
import * as z from "zod";
import { PlatformStatus } from "../gateway/platform-status.ts";
import { askService } from "../gateway/status.ts";
import type { TokenSource } from "./token.ts";

/** Over the gateway's own 10 s there is nothing to wait for; half of it is already an outage to whoever waits. */
const ASK_SECONDS = 5;

export interface ProbeDependencies {
  siteUrl: string;
  jwksUrl: string;
  inventoryUrl: string;
  billingUrl: string;
  token: TokenSource;
  /** Orders in SQS, those in a function's hands included. Rejects when SQS does not answer. */
  countInSqs(): Promise<number>;
  /** Orders in `billing_queue`. Rejects when RabbitMQ does not answer. */
  countInBroker(): Promise<number>;
}

/** Of the last check: from it follows how old the oldest order can be. */
export interface LastCheck {
  checkedAt: string;
  orders?: WaitingOrders | undefined;
}

type Finding = Check["components"][ComponentId];

/**
 * Asks everything there is, each by itself, so that one that is down hides no other: the front door as a client does, with a real token,
 * and what stands behind it directly. Never rejects, and takes 15 s at most: those of a new token and of a film with it.
 */
export async function probe(deps: ProbeDependencies, last: LastCheck | undefined): Promise<Check> {
  const checkedAt = new Date();
  const [api, signIn, inventory, billing, sqs, broker] = await Promise.all([
    askFrontDoor(deps),
    timed(() => askJson(deps.jwksUrl, z.object({ keys: z.array(z.unknown()).min(1) }))),
    askService("inventory", deps.inventoryUrl, ["inventory-database"], ASK_SECONDS),
    askService("billing", deps.billingUrl, ["billing-database", "rabbitmq"], ASK_SECONDS),
    timed(deps.countInSqs),
    timed(deps.countInBroker),
  ]);
  const found = new Map<string, Finding>(
    [...inventory, ...billing].map(({ name, status, latency_ms }) => [
      name,
      { state: status, ...(status === "up" && { latencyMs: latency_ms }) },
    ]),
  );
  const of = (name: string): Finding => found.get(name) ?? { state: "unknown" };
  return {
    checkedAt: checkedAt.toISOString(),
    components: {
      api,
      "sign-in": signIn.finding,
      inventory: of("inventory"),
      "inventory-database": of("inventory-database"),
      "orders-queue": sqs.finding,
      rabbitmq: broker.finding,
      // It runs, and yet no message reaches it.
      billing:
        of("billing").state === "up" && of("rabbitmq").state !== "up"
          ? { ...of("billing"), state: "degraded" }
          : of("billing"),
      "billing-database": of("billing-database"),
    },
    ...waitingOrders(
      // Without its database billing holds orders that no queue counts.
      [sqs.value, broker.value, of("billing-database").state === "down" ? undefined : 0],
      checkedAt,
      last,
    ),
  };
}

/**
 * How many orders wait, of those that could be counted. No queue tells how old its oldest message is; but whatever waits now came after the
 * last check in which nothing waited.
 */
export function waitingOrders(
  counts: readonly (number | undefined)[],
  checkedAt: Date,
  last: LastCheck | undefined,
): Pick<Check, "orders"> {
  const known = counts.filter((count) => count !== undefined);
  const waiting = known.reduce((sum, count) => sum + count, 0);
  const isLowerBound = known.length < counts.length;
  if (waiting === 0 && !isLowerBound) return { orders: { waiting, oldestSecondsMax: 0 } };
  const lastBound = last?.orders?.oldestSecondsMax;
  const secondsSinceLast = (checkedAt.getTime() - Date.parse(last?.checkedAt ?? "")) / 1_000;
  return {
    orders: {
      waiting,
      ...(isLowerBound && { isLowerBound }),
      ...(lastBound !== undefined && { oldestSecondsMax: lastBound + Math.max(0, secondsSinceLast) }),
    },
  };
}

/** As a client comes: through CloudFront, firewall, authorizer and gateway, down to a movie. */
async function askFrontDoor({ siteUrl, token }: ProbeDependencies): Promise<Finding> {
  // Also when it says that everything is down, it is the gateway that says so.
  const [status, accessToken] = await Promise.all([
    timed(() => askJson(new URL("/api/status", siteUrl), PlatformStatus, [200, 503])),
    token.get().catch(() => undefined),
  ]);
  if (status.finding.state !== "up") return status.finding;
  const movies = await timed(async () => {
    const headers = { authorization: `Bearer ${accessToken}` };
    // 503 is the gateway's word on inventory, which has a line of its own.
    const answer = await ask(new URL("/api/movies?limit=1", siteUrl), [200, 503], headers);
    await answer.body?.cancel();
  });
  if (movies.finding.state === "up") return movies.finding;
  token.forget();
  // It answers, but not to whoever shows a token.
  return { ...status.finding, state: "degraded" };
}

async function askJson<T>(
  url: string | URL,
  schema: z.ZodType<T>,
  expected: readonly number[] = [200],
): Promise<T> {
  return schema.parse(await (await ask(url, expected)).json());
}

async function ask(
  url: string | URL,
  expected: readonly number[],
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(ASK_SECONDS * 1_000) });
  if (expected.includes(response.status)) return response;
  await response.body?.cancel();
  throw new Error(`${url} answered ${response.status}`);
}

async function timed<T>(question: () => Promise<T>): Promise<{ value?: T; finding: Finding }> {
  const startedAt = performance.now();
  try {
    const value = await question();
    return {
      value,
      finding: { state: "up" satisfies State, latencyMs: Math.round(performance.now() - startedAt) },
    };
  } catch {
    return { finding: { state: "down" satisfies State } };
  }
}
