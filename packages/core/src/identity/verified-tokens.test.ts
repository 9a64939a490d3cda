import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { VerifiedTokens } from "./verified-tokens.ts";

const HOUR = 3_600_000;
const REMEMBERED_MAX = 100;
const TOKEN = "header.claims.signature";
const caller = { id: "ann", scopes: new Set(["movies.read" as const]) };

let published: string;
let tokens: VerifiedTokens<typeof caller, string>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  published = "first";
  tokens = new VerifiedTokens((key) => key === published, REMEMBERED_MAX);
});
afterEach(() => {
  vi.useRealTimers();
});

const remember = (token: string) =>
  tokens.add(token, { content: caller, key: "first", expiresAtSeconds: (Date.now() + HOUR) / 1_000 });

test("knows a token until it expires", () => {
  remember(TOKEN);
  vi.advanceTimersByTime(HOUR);
  expect(tokens.get(TOKEN)).toBe(caller);
  vi.advanceTimersByTime(1);
  expect(tokens.get(TOKEN)).toBeUndefined();
});

test("forgets a token after its life although the clock was set back", () => {
  remember(TOKEN);
  vi.setSystemTime(Date.now() - 2 * HOUR);
  vi.advanceTimersByTime(HOUR);
  expect(tokens.get(TOKEN)).toBe(caller);
  vi.advanceTimersByTime(1);
  expect(tokens.get(TOKEN)).toBeUndefined();
});

test("forgets a token that expired while the process was frozen and the monotonic clock stood still", () => {
  remember(TOKEN);
  vi.setSystemTime(Date.now() + HOUR + 1);
  expect(tokens.get(TOKEN)).toBeUndefined();
});

test("forgets a token when its key is no longer current, for good", () => {
  remember(TOKEN);
  published = "second";
  expect(tokens.get(TOKEN)).toBeUndefined();
  published = "first";
  expect(tokens.get(TOKEN)).toBeUndefined();
});

test("knows only the whole token", () => {
  remember(TOKEN);
  const others = [...TOKEN].map((_, index) => `${TOKEN.slice(0, index)}x${TOKEN.slice(index + 1)}`);
  for (const other of [...others, TOKEN.slice(0, -1), `${TOKEN}=`, `${TOKEN} `, TOKEN.toUpperCase(), ""])
    expect(tokens.get(other), other).toBeUndefined();
  expect(tokens.get(TOKEN)).toBe(caller);
});

test("forgets the oldest token when there are too many", () => {
  for (let index = 0; index <= REMEMBERED_MAX; index++) remember(`${TOKEN}${index}`);
  expect(tokens.get(`${TOKEN}0`)).toBeUndefined();
  expect(tokens.get(`${TOKEN}1`)).toBe(caller);
  expect(tokens.get(`${TOKEN}${REMEMBERED_MAX}`)).toBe(caller);
});

test("does not keep a token that is far longer than any of Cognito", () => {
  const [longest, longer] = [2_048, 2_049].map((length) => "a".repeat(length)) as [string, string];
  for (const token of [longest, longer]) remember(token);
  expect([tokens.get(longest), tokens.get(longer)]).toEqual([caller, undefined]);
});

test("a token that is verified again takes no other token's place", () => {
  const all = Array.from({ length: REMEMBERED_MAX }, (_, number) => `${TOKEN}${number}`);
  for (const token of all) remember(token);
  remember(`${TOKEN}${REMEMBERED_MAX - 1}`);
  expect(all.filter((token) => tokens.get(token) === undefined)).toEqual([]);
});
