import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBacklog } from "./backlog.ts";

let asked: number;
let waiting: () => Promise<number>;
const queue = {
  enqueue: async () => {},
  countWaiting() {
    asked++;
    return waiting();
  },
};

beforeEach(() => {
  asked = 0;
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a longer queue takes longer", async () => {
  waiting = async () => 4_000;
  const short = await createBacklog(queue, "standard")();
  waiting = async () => 40_000;
  expect(await createBacklog(queue, "standard")()).toBeCloseTo(10 * short);
});

test("however many callers ask, SQS is asked once in five seconds", async () => {
  waiting = async () => 1_000;
  const seconds = createBacklog(queue, "standard");
  await Promise.all([seconds(), seconds()]);
  expect(asked).toBe(1);
  vi.advanceTimersByTime(5_001);
  await seconds();
  expect(asked).toBe(2);
});

test("without an answer of SQS no caller waits longer for it", async () => {
  waiting = () => Promise.reject(new Error("not now"));
  expect(await createBacklog(queue, "standard")()).toBe(0);
});
