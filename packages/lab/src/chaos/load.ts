import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { keepPace } from "../pace.ts";
import type { Operation } from "./books.ts";

/** An answer that takes longer never comes. R6 limits how long an answer may take; a busy machine delays it, but not for so long. */
const PATIENCE_SECONDS = 60;
/** Attempts of one order, with pauses between them: enough for some seconds of an outage. */
const TRIES_MAX = 20;

/** More orders than a load has, so that two loads of a process never share a user. */
const USERS_MAX = 100_000;
let nextUser = 1_000_000_000;

export interface LoadOptions {
  gatewayUrl: string;
  /** Called for each request, because a token is valid for 15 minutes only. */
  token: () => string;
  /** For every third order; without it all are the ordinary user's. */
  premiumToken?: () => string;
  /** Orders a second. */
  perSecond: number;
  /** By default as many as orders. */
  readsPerSecond?: number;
}

export interface Load {
  /** In the order of sending; complete once `stop` has resolved. */
  readonly operations: readonly Operation[];
  readonly reads: { served: number; failed: number };
  /** The duration of each request in milliseconds, in the order of their ends. */
  readonly durations: readonly number[];
  /** Answers that R4 forbids: neither the requested content nor a problem of the right class. */
  readonly wrongAnswers: readonly string[];
  /** The status of each answer that called a good order the caller's fault (4xx). */
  readonly refusals: readonly number[];
  /** Sends one more order at once, with these further fields. */
  order(fields?: object): Promise<Operation>;
  /** Sends no new requests; resolves once each order has its last answer. */
  stop(): Promise<void>;
}

const Accepted = z.object({ id: z.string(), status: z.literal("accepted") });

type Answer = { status: number; id?: string } | undefined;

/**
 * Clients that order at a steady pace whatever answers they get, each order with its own `Idempotency-Key`. Every second client repeats
 * an order whose fate is unknown, and every fifth sends its order twice at once: both must make one row.
 */
export function startLoad({
  gatewayUrl,
  token,
  premiumToken = token,
  perSecond,
  readsPerSecond = perSecond,
}: LoadOptions): Load {
  const operations: Operation[] = [];
  const reads = { served: 0, failed: 0 };
  const wrongAnswers: string[] = [];
  const refusals: number[] = [];
  const firstUser = nextUser;
  nextUser += USERS_MAX;
  const durations: number[] = [];

  async function request(path: string, init: RequestInit): Promise<Response | undefined> {
    const startedAt = performance.now();
    const headers = { authorization: `Bearer ${token()}`, ...init.headers };
    try {
      const signal = AbortSignal.timeout(PATIENCE_SECONDS * 1_000);
      const response = await fetch(gatewayUrl + path, { ...init, headers, signal });
      const text = await response.text();
      const flaw = flawOf(response, text);
      if (flaw !== undefined) wrongAnswers.push(`${init.method ?? "GET"} ${path}: ${flaw}`);
      return new Response(text, response);
    } catch (error) {
      // A reset or refused connection is expected when the gateway is killed, but no fault may leave a client without an answer for so long.
      if (Object(error).name === "TimeoutError")
        wrongAnswers.push(`${path}: no answer in ${PATIENCE_SECONDS} s`);
      return undefined;
    } finally {
      durations.push(performance.now() - startedAt);
    }
  }

  async function place(wire: object, key: string, isPremium: boolean): Promise<Answer> {
    const headers = {
      "content-type": "application/json",
      "idempotency-key": key,
      authorization: `Bearer ${isPremium ? premiumToken() : token()}`,
    };
    const response = await request("/api/billing", {
      method: "POST",
      headers,
      body: JSON.stringify(wire),
    });
    if (!response) return undefined;
    if (!response.ok) return { status: response.status };
    const { data } = Accepted.safeParse(JSON.parse(await response.text()));
    if (!data) wrongAnswers.push(`POST /api/billing: a ${response.status} that is not an accepted order`);
    return { status: response.status, ...(data && { id: data.id }) };
  }

  async function order(fields: object = {}): Promise<Operation> {
    const number = operations.length;
    const isPremium = number % 3 === 2 && premiumToken !== token;
    const wire = {
      user_id: String(firstUser + number),
      number_of_items: 1 + (number % 50),
      total_amount: `${number % 1_000}.${String(number % 100).padStart(2, "0")}`,
      ...fields,
    };
    const operation: Mutable<Operation> & { ids: string[] } = {
      userId: firstUser + number,
      numberOfItems: wire.number_of_items,
      totalAmount: wire.total_amount,
      outcome: "indeterminate",
      isPremium,
      ids: [],
    };
    operations.push(operation);
    const key = randomUUID();
    let mayExist = false;
    const note = (answer: Answer) => {
      if (answer?.id !== undefined) {
        if (!operation.ids.includes(answer.id)) operation.ids.push(answer.id);
      } else if (answer && answer.status >= 400 && answer.status < 500) refusals.push(answer.status);
      else mayExist = true;
      operation.outcome = operation.ids.length > 0 ? "acknowledged" : mayExist ? "indeterminate" : "refused";
    };
    const twin = number % 5 === 0 ? place(wire, key, isPremium).then(note) : undefined;
    note(await place(wire, key, isPremium));
    await twin;
    for (
      let tries = 1;
      number % 2 === 0 && operation.outcome === "indeterminate" && tries < TRIES_MAX;
      tries++
    ) {
      await sleep(500);
      note(await place(wire, key, isPremium));
    }
    return operation;
  }

  async function read(): Promise<void> {
    const response = await request("/api/movies?limit=1", {});
    reads[response?.ok ? "served" : "failed"] += 1;
  }

  const orderLoop = keepPace(perSecond, () => order());
  const readLoop = keepPace(readsPerSecond, read);
  return {
    operations,
    reads,
    wrongAnswers,
    refusals,
    durations,
    order: (fields) => orderLoop.begin(() => order(fields)),
    async stop() {
      await Promise.all([orderLoop.stop(), readLoop.stop()]);
    },
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** How an answer violates R4; undefined if it does not. */
function flawOf(response: Response, text: string): string | undefined {
  if (response.ok) return undefined;
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  const isOurs = response.status === 503 && response.headers.has("retry-after");
  if (isProblem && (isOurs || response.status < 500)) return undefined;
  return `${response.status} ${text.slice(0, 200)}`;
}
