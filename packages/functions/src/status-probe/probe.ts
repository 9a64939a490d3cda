import type { Check, ComponentId } from "@cloud-design/status";
import * as z from "zod";
import { askService } from "../shared/ask-service.ts";
import { PlatformStatus } from "../shared/platform-status.ts";
import { type AuditDependencies, audit } from "./audit.ts";
import { type Counted, figures, stalledChecks } from "./figures.ts";
import type { Ledger } from "./ledger.ts";
import type { TokenSource } from "./token.ts";

/** Waiting longer than the gateway's own 10 s is useless, and half of that is already an outage for a caller. */
const ASK_SECONDS = 5;
/** The gateway gives up on a frozen inventory after twice 3 s, and answers 503. */
const MOVIE_SECONDS = 8;

export interface ProbeDependencies extends AuditDependencies {
  siteUrl: string;
  jwksUrl: string;
  inventoryUrl: string;
  billingUrl: string;
  token: TokenSource;
}

type Finding = Check["components"][ComponentId];

/**
 * Asks every component separately, so that a failed one hides no other: the public address as a client does, with a
 * real token, and the components behind it directly. Never rejects, and takes at most 38 s, the time of the audit.
 */
export async function probe(
  deps: ProbeDependencies,
  before: Ledger,
): Promise<{ check: Check; ledger: Ledger; counted: Counted }> {
  const checkedAt = new Date();
  const [sqs, broker] = [timer(deps.countInSqs), timer(deps.countInBroker)];
  const [api, signIn, inventory, billing, audited] = await Promise.all([
    askFrontDoor(deps),
    timed(() => askJson(deps.jwksUrl, z.object({ keys: z.array(z.unknown()).min(1) }))),
    askService("inventory", deps.inventoryUrl, ["inventory-database"], ASK_SECONDS),
    askService("billing", deps.billingUrl, ["billing-database", "rabbitmq"], ASK_SECONDS),
    audit({ ...deps, countInSqs: sqs.ask, countInBroker: broker.ask }, before),
  ]);
  const { counted } = audited;
  const ledger = { ...audited.ledger, stalledChecks: stalledChecks(before, audited.ledger, counted) };
  const found = new Map<string, Finding>(
    [...inventory, ...billing].map(({ name, status, latency_ms }) => [
      name,
      { state: status, ...(status !== "down" && { latencyMs: latency_ms }) },
    ]),
  );
  const of = (name: string): Finding => found.get(name) ?? { state: "unknown" };
  const check: Check = {
    checkedAt: checkedAt.toISOString(),
    components: {
      api,
      "sign-in": signIn,
      inventory: of("inventory"),
      "inventory-database": of("inventory-database"),
      "orders-queue": sqs.finding(),
      rabbitmq: broker.finding(),
      billing: billingOf(of, ledger.stalledChecks),
      "billing-database": of("billing-database"),
    },
    orders: figures(ledger, counted, deps.settleSeconds),
  };
  return { check, ledger, counted };
}

/**
 * Billing may run but receive no messages, or receive messages and settle nothing. While its database is down, the
 * latter is expected.
 */
function billingOf(of: (name: string) => Finding, stalled: number): Finding {
  const billing = of("billing");
  if (billing.state === "down" || billing.state === "unknown") return billing;
  if (stalled > 1 && of("billing-database").state === "up") return { state: "down" };
  return of("rabbitmq").state !== "up" || stalled > 0 ? { ...billing, state: "degraded" } : billing;
}

/** Takes a client's path: through CloudFront, firewall, authorizer and gateway, to a movie. */
async function askFrontDoor({ siteUrl, token }: ProbeDependencies): Promise<Finding> {
  // An answer of the gateway proves that the gateway is up, even if it reports all else as down.
  const [status, accessToken] = await Promise.all([
    timed(() => askJson(new URL("/api/status", siteUrl), PlatformStatus, [200, 503])),
    token.get().catch(() => undefined),
  ]);
  if (status.state !== "up") return status;
  const movies = await timed(async () => {
    const headers = { authorization: `Bearer ${accessToken}` };
    // 503 is the gateway's answer for inventory, which is reported separately.
    const movies = new URL("/api/movies?limit=1", siteUrl);
    const answer = await ask(movies, [200, 503], { headers, seconds: MOVIE_SECONDS });
    await answer.body?.cancel();
  });
  if (movies.state === "up") return movies;
  token.forget();
  // It answers, but not to a caller with a token.
  return { ...status, state: "degraded" };
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
  { headers = {}, seconds = ASK_SECONDS }: { headers?: Record<string, string>; seconds?: number } = {},
): Promise<Response> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(seconds * 1_000) });
  if (expected.includes(response.status)) return response;
  await response.body?.cancel();
  throw new Error(`${url} answered ${response.status}`);
}

/** Whether the question was answered, and how fast. */
async function timed(question: () => Promise<unknown>): Promise<Finding> {
  const { ask, finding } = timer(question);
  await ask().catch(() => {});
  return finding();
}

/** The same for a question that the caller asks itself, and whose answer it needs. */
function timer<T>(question: () => Promise<T>): { ask(): Promise<T>; finding(): Finding } {
  let finding: Finding = { state: "unknown" };
  return {
    async ask() {
      const startedAt = performance.now();
      finding = { state: "down" };
      const answer = await question();
      finding = { state: "up", latencyMs: Math.round(performance.now() - startedAt) };
      return answer;
    },
    finding: () => finding,
  };
}
