import { randomUUID } from "node:crypto";
import { parseJson } from "@cloud-design/core/json";
import { SetupError } from "@cloud-design/local/supervisor/part";
import * as z from "zod";
import type { Kind } from "./scenarios.ts";

/** A client's own timeout, longer than any timeout behind it. */
const PATIENCE_SECONDS = 15;
/** Requests that wait for their answers at once. More would exhaust the sockets of this process and not the platform. */
const IN_FLIGHT_MAX = 1_000;
/** The films that the run adds for its reads, so that an empty store can be measured too. */
const FILMS = 10;
const LIST_LIMIT = 20;
const SEARCHED = "the";

const Film = z.object({ id: z.number() });
const Films = z.array(Film);
const Accepted = z.object({ id: z.string(), status: z.literal("accepted") });
const Problem = z.object({ type: z.string() });

export interface Traffic {
  /** Adds the films that the reads ask for. */
  prepare(): Promise<void>;
  /** Sends a request. Resolves with what went wrong, undefined if it was answered as asked. */
  send(kind: Kind): Promise<string | undefined>;
  inFlight(): number;
  /** The ids of the accepted orders. */
  readonly accepted: readonly string[];
  /** Deletes the films of this run. Orders stay: the API cannot delete them. */
  clear(): Promise<void>;
}

interface Caller {
  url: string;
  token: () => Promise<string>;
}

type Answer = { status: number; body: unknown };

/** The requests of callers: read films by id, as a list and by a word, add and delete a film, place an order. */
export function trafficTo(caller: Caller): Traffic {
  const run = `Load ${randomUUID()}`;
  const readable: number[] = [];
  const spare: number[] = [];
  const accepted: string[] = [];
  let waiting = 0;
  let turn = 0;

  const ask = (method: string, path: string, body?: object) => request(caller, method, path, body);

  async function add(): Promise<string | undefined> {
    const answer = await ask("POST", "/api/movies", { title: run, description: "Made by a load test." });
    return take(answer, Film, ({ id }) => spare.push(id));
  }

  async function write(): Promise<string | undefined> {
    const id = spare.shift();
    return id === undefined ? add() : take(await ask("DELETE", `/api/movies/${id}`), z.unknown());
  }

  async function order(): Promise<string | undefined> {
    // One cent, so that a person who adds up the orders is not misled.
    const wire = { user_id: 1, number_of_items: 1, total_amount: "0.01" };
    return take(await ask("POST", "/api/billing", wire), Accepted, ({ id }) => accepted.push(id));
  }

  const read = async (path: string) => take(await ask("GET", path), z.unknown());
  const requests: Record<Kind, () => Promise<string | undefined>> = {
    movie: () => read(`/api/movies/${readable[turn++ % readable.length]}`),
    list: () => read(`/api/movies?limit=${LIST_LIMIT}`),
    search: () => read(`/api/movies?title=${SEARCHED}&limit=${LIST_LIMIT}`),
    write,
    order,
  };

  return {
    accepted,
    inFlight: () => waiting,
    async prepare() {
      for (let film = 0; film < FILMS; film++) {
        const wrong = await add();
        if (wrong !== undefined)
          throw new SetupError(`The films of the load test cannot be added at ${caller.url}: ${wrong}.`);
      }
      readable.push(...spare.splice(0));
    },
    async send(kind) {
      if (waiting >= IN_FLIGHT_MAX) return `not sent: ${IN_FLIGHT_MAX.toLocaleString("en")} were waiting`;
      waiting++;
      try {
        return await requests[kind]();
      } finally {
        waiting--;
      }
    },
    async clear() {
      // Found by their title: a film whose answer was lost has no known id.
      const answer = await ask("GET", `/api/movies?title=${encodeURIComponent(run)}`);
      const { data: films = [] } = Films.safeParse(Object(answer).body);
      for (const { id } of films) await ask("DELETE", `/api/movies/${id}`);
    },
  };
}

/** Resolves with the reason when there was no answer. */
export async function request(
  { url, token }: Caller,
  method: string,
  path: string,
  body?: object,
): Promise<Answer | string> {
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body && { "content-type": "application/json", "idempotency-key": randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_SECONDS * 1_000),
    });
    return { status: response.status, body: parseJson(await response.text()) };
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError"
      ? `no answer in ${PATIENCE_SECONDS} s`
      : `no answer (${codeOf(error)})`;
  }
}

/** Takes what an answer has to contain; otherwise the name of its problem, or what it was. */
function take<T>(answer: Answer | string, schema: z.ZodType<T>, use: (body: T) => void = () => {}) {
  if (typeof answer === "string") return answer;
  const { status, body } = answer;
  if (status >= 300) {
    const { data: problem } = Problem.safeParse(body);
    return problem ? `${status} ${problem.type.split("/").at(-1)}` : `${status} without a problem`;
  }
  const { data, success } = schema.safeParse(body);
  if (!success) return `${status} without what was asked for`;
  use(data);
  return undefined;
}

/** The message `fetch failed` is not helpful; the code of its cause is. */
function codeOf(error: unknown): string {
  const { name, cause } = Object(error) as Error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : name;
}
