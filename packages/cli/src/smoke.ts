import { setTimeout as sleep } from "node:timers/promises";
import { parseJson } from "@cloud-design/core/json";
import { SetupError } from "@cloud-design/local/supervisor/part";
import * as z from "zod";

export interface SmokeTest {
  /** The address at which a client would begin. */
  siteUrl: string;
  /** A token from client credentials. */
  token: () => Promise<string>;
  /** The time for a service that was just replaced, or for an order that was just accepted. */
  patienceSeconds: number;
  report: (done: string) => void;
}

/** The stage or platform to test. */
export type Subject = Pick<SmokeTest, "siteUrl" | "token">;

/** One cent, so that a person who adds up the orders is not misled. */
const ORDER = { user_id: 1, number_of_items: 1, total_amount: "0.01" };
const ANSWER_SECONDS = 15;
const PAUSE_MS = 500;

const Status = z.object({
  status: z.string(),
  components: z.array(z.object({ name: z.string(), status: z.string() })),
});
const NO_STATUS: z.output<typeof Status> = { status: "unknown", components: [] };
const OrderAnswer = z.object({ id: z.string(), status: z.string() });

/** Asks a platform what a client would ask: whether it is up, for a movie, to accept an order, whether the order is recorded. Throws at the first failure. */
export async function smokeTest({ siteUrl, token, patienceSeconds, report }: SmokeTest): Promise<void> {
  const deadline = () => performance.now() + patienceSeconds * 1_000;
  const status = await until(
    deadline(),
    // The first call after a long sleep may meet a function that Lambda is still preparing.
    (isLast) => ask(siteUrl, "/api/status", Status).catch(isLast ? undefined : () => NO_STATUS),
    ({ status }) => status === "up",
  );
  const unwell = status.components.filter((component) => component.status !== "up").map(({ name }) => name);
  if (status.status !== "up") {
    throw new SetupError(`The platform is ${status.status}: ${unwell.join(", ")} (docs/runbook.md).`);
  }
  report("all components are up");

  const headers = { authorization: `Bearer ${await token()}` };
  report("a program gets a token");
  await ask(siteUrl, "/api/movies?limit=1", z.array(z.unknown()), { headers });
  report("the movies can be read");

  const body = JSON.stringify(ORDER);
  const { id } = await ask(siteUrl, "/api/billing", OrderAnswer, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  report(`order ${id} is accepted`);
  const path = `/api/billing/orders/${id}`;
  const order = await until(
    deadline(),
    () => ask(siteUrl, path, OrderAnswer, { headers }),
    (it) => it.status !== "accepted",
  );
  if (order.status !== "recorded") {
    throw new SetupError(
      `Order ${id} is ${order.status} and not recorded after ${patienceSeconds} s (docs/runbook.md).`,
    );
  }
  report("and recorded");
}

/** Repeats the question until the answer is good enough; the last one, at the deadline, counts whatever it is. */
async function until<T>(
  deadline: number,
  question: (isLast: boolean) => Promise<T>,
  isEnough: (answer: T) => boolean,
): Promise<T> {
  for (;;) {
    const isLast = performance.now() > deadline;
    const answer = await question(isLast);
    if (isEnough(answer) || isLast) return answer;
    await sleep(PAUSE_MS);
  }
}

async function ask<T>(
  siteUrl: string,
  path: string,
  schema: z.ZodType<T>,
  init: RequestInit = {},
): Promise<T> {
  const url = new URL(path, siteUrl);
  const question = `${init.method ?? "GET"} ${url}`;
  const signal = AbortSignal.timeout(ANSWER_SECONDS * 1_000);
  const response = await fetch(url, { ...init, signal }).catch((cause: unknown) => {
    throw new SetupError(`${question} got no answer within ${ANSWER_SECONDS} s.`, { cause });
  });
  const text = await response.text();
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new SetupError(`${question} was answered with ${response.status}: ${text.slice(0, 300)}`);
}
