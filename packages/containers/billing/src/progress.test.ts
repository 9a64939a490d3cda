import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

let time: number;
const progressAt = () => {
  time = 0;
  return createProgress(() => time * 1_000);
};

test("a process that settles what it gets is up, however much waits", () => {
  const progress = progressAt();
  for (; time < 100; time++) {
    progress.received(time === 0);
    progress.settled(500);
    expect(progress.state()).toBe("up");
  }
});

test("one that settles nothing is degraded after 10 s and down after a minute", () => {
  const progress = progressAt();
  progress.received(true);
  const states = [9, 10, 59, 60].map((seconds) => {
    time = seconds;
    return progress.state();
  });
  expect(states).toEqual(["up", "degraded", "degraded", "down"]);
});

test("a message that comes again over each new connection has waited all along", () => {
  const progress = progressAt();
  progress.received(true);
  for (; time < 60; time++) progress.received(false);
  expect(progress.state()).toBe("down");
});

test("what another process took over is forgotten at the next message, and nothing is wrong where nothing waits", () => {
  const progress = progressAt();
  expect(progress.state()).toBe("up");
  progress.received(true);
  time = 1_000;
  progress.received(true);
  expect(progress.state()).toBe("up");
  progress.settled(0);
  time = 2_000;
  expect(progress.state()).toBe("up");
});
