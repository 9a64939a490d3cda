import type { Route } from "@cloud-design/functions/gateway/routes";
import { THROTTLES } from "@cloud-design/functions/gateway/throttles";
import { beforeEach, expect, test } from "vitest";
import { tokenBuckets } from "./throttle.ts";

const ORDER: Route = { key: "POST /api/billing", access: "orders.write" };
const MOVIE: Route = { key: "POST /api/movies", access: "movies.write" };
const { rate, burst } = THROTTLES.write;

let now: number;
beforeEach(() => {
  now = 1_000;
});

/** How many of these requests at once pass. */
const passed = (mayPass: (route: Route) => boolean, route: Route, count: number) =>
  Array.from({ length: count }, () => mayPass(route)).filter(Boolean).length;

test("a route takes its burst at once, and its rate in each second after it", () => {
  const mayPass = tokenBuckets(() => now);
  expect(passed(mayPass, ORDER, burst + 50)).toBe(burst);
  now += 1_000;
  expect(passed(mayPass, ORDER, burst)).toBe(rate);
  now += 250;
  expect(passed(mayPass, ORDER, burst)).toBe(rate / 4);
});

test("a quiet route saves no more than its burst", () => {
  const mayPass = tokenBuckets(() => now);
  mayPass(ORDER);
  now += 3_600_000;
  expect(passed(mayPass, ORDER, 2 * burst)).toBe(burst);
});

test("requests of one route use up the throttle of no other", () => {
  const mayPass = tokenBuckets(() => now);
  passed(mayPass, MOVIE, 2 * burst);
  expect(mayPass(MOVIE)).toBe(false);
  expect(mayPass(ORDER)).toBe(true);
});
