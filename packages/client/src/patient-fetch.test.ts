import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patientFetch } from "./patient-fetch.ts";

const URL = "http://api.example/api/billing";

/** The answers that are still to come; the last one stays. */
let answers: (() => Response)[];
/** The time of each request, in seconds since the first. */
let sentAt: number[];
let bodies: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  [sentAt, bodies] = [[], []];
  vi.stubGlobal("fetch", async (request: Request) => {
    sentAt.push(Date.now() / 1_000);
    bodies.push(await request.text());
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer?.();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const ok = () => new Response("{}");
const refused = (status: number, retryAfter?: string) => () =>
  new Response("{}", { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } });

async function send(init: RequestInit = {}, url = URL): Promise<number> {
  const asked = patientFetch(new Request(url, init));
  asked.catch(() => {});
  await vi.runAllTimersAsync();
  return (await asked).status;
}

const order = (headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body: "{}",
  headers,
});

test("a refused request waits as long as Retry-After says, and a random part longer", async () => {
  answers = [refused(429, "7"), refused(503, "2"), ok];
  expect(await send()).toBe(200);
  expect(sentAt).toEqual([0, 7.5, 10]);
});

test("API Gateway's 429, which names no time, is repeated later each time, and five times in all", async () => {
  answers = [refused(429)];
  expect(await send(order())).toBe(429);
  expect(sentAt).toEqual([0, 1.5, 4, 8.5, 17]);
});

test("no wait is longer than half a minute, whatever an answer says", async () => {
  answers = [refused(429, "86400"), ok];
  expect(await send()).toBe(200);
  expect(sentAt).toEqual([0, 30.5]);
});

test("an order without a key is repeated after 429, which did nothing, and not after 503, which may have", async () => {
  answers = [refused(429, "1"), refused(503, "1"), ok];
  expect(await send(order())).toBe(503);
  answers = [refused(503, "1"), ok];
  expect(await send(order({ "idempotency-key": "one" }))).toBe(200);
});

test("a key helps only where it is known: a webhook and an import are not repeated after 503", async () => {
  for (const [path, status] of [
    ["billing", 200],
    ["movies", 200],
    ["webhooks", 503],
    ["imports", 503],
  ] as const) {
    answers = [refused(503, "1"), ok];
    expect(await send(order({ "idempotency-key": "one" }), `http://api.example/api/${path}`), path).toBe(
      status,
    );
  }
});

test("deleting all movies is not repeated after 503, and deleting one is", async () => {
  const movies = "http://api.example/api/movies";
  for (const [url, status] of [
    [movies, 503],
    [`${movies}/?all=1`, 503],
    [`${movies}/7`, 200],
  ] as const) {
    answers = [refused(503, "1"), ok];
    expect(await send({ method: "DELETE" }, url), url).toBe(status);
  }
});

test("a repeated request has its body again", async () => {
  answers = [refused(429, "1"), ok];
  await send(order());
  expect(bodies).toEqual(["{}", "{}"]);
});

test.each([400, 401, 500, 502])("a %i is final", async (status) => {
  answers = [refused(status, "1"), ok];
  expect(await send()).toBe(status);
});

test("a caller who gives up waits no longer", async () => {
  answers = [refused(429, "20")];
  const giveUp = new AbortController();
  const asked = patientFetch(new Request(URL, { signal: giveUp.signal }));
  asked.catch(() => {});
  await vi.advanceTimersByTimeAsync(1_000);
  giveUp.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
  expect(sentAt).toEqual([0]);
});
