import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

let time: number;
const progressAt = () => {
  time = 0;
  return createProgress(() => time * 1_000);
};

test("a process that settles what it gets is up, however much waits", () => {
  const progress = progressAt();
  const session = progress.begin();
  session.received(false);
  for (; time < 100; time++) {
    session.received(false);
    session.settled();
    expect(progress.state()).toBe("up");
  }
});

test("one that settles nothing is degraded after 10 s and down after a minute", () => {
  const progress = progressAt();
  progress.begin().received(false);
  const states = [9, 10, 59, 60].map((seconds) => {
    time = seconds;
    return progress.state();
  });
  expect(states).toEqual(["up", "degraded", "degraded", "down"]);
});

test("a message that comes again over each new connection has waited all along", () => {
  const progress = progressAt();
  progress.begin().received(false);
  for (; time < 60; time++) progress.begin().received(true);
  expect(progress.state()).toBe("down");
});

test("a message that another process held does not count from when this one lost a connection", () => {
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

test("what a lost session settles late says nothing of the messages that came after it", () => {
  const progress = progressAt();
  const lost = progress.begin();
  lost.received(false);
  progress.begin().received(true);
  time = 30;
  lost.settled();
  time = 60;
  expect(progress.state()).toBe("down");
});
