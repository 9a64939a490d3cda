import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

let time: number;
const progressAt = () => {
  time = 0;
  return createProgress(() => time * 1_000);
};

test("a process that settles its messages is up, however many wait", () => {
  const progress = progressAt();
  const session = progress.begin();
  session.received(false);
  for (; time < 100; time++) {
    session.received(false);
    session.settled(1);
    expect(progress.state()).toBe("up");
  }
});

test("a process that settles nothing is degraded after 10 s and down after a minute", () => {
  const progress = progressAt();
  progress.begin().received(false);
  const states = [9, 10, 59, 60].map((seconds) => {
    time = seconds;
    return progress.state();
  });
  expect(states).toEqual(["up", "degraded", "degraded", "down"]);
});

test("a message redelivered on each new connection counts as waiting from the start", () => {
  const progress = progressAt();
  progress.begin().received(false);
  for (; time < 60; time++) progress.begin().received(true);
  expect(progress.state()).toBe("down");
});

test("a message redelivered from another process counts from its arrival here", () => {
  const progress = progressAt();
  progress.begin().received(false);
  time = 1;
  const session = progress.begin();
  time = 3_600;
  session.received(true);
  expect(progress.state()).toBe("up");
  time = 3_660;
  expect(progress.state()).toBe("down");
});

test("a late settlement of a lost session does not count for the current one", () => {
  const progress = progressAt();
  const lost = progress.begin();
  lost.received(false);
  progress.begin().received(true);
  time = 30;
  lost.settled(1);
  time = 60;
  expect(progress.state()).toBe("down");
});
