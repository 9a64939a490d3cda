import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { inOrder, paceOf } from "./paced.ts";

test("a pace gives the set number of turns a second, and does not catch up after a pause", async () => {
  let time = 0;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  const pace = paceOf(50, clock);
  const times: number[] = [];
  for (let turn = 0; turn < 6; turn++) {
    await pace.turn();
    times.push(time);
    if (turn === 2) pace.pause(100);
  }
  time += 1_000;
  await pace.turn();
  expect([...times, time]).toEqual([0, 20, 40, 140, 160, 180, 1_180]);
});

test("a number is reported only when all before it are done", async () => {
  const done = new Set<number>();
  const reported: number[] = [];
  let held = () => {};
  const first = new Promise<void>((resolve) => {
    held = resolve;
  });
  await inOrder({
    first: 10,
    end: 60,
    async send(index) {
      if (index === 10) await first;
      if (index === 50) held();
      await setImmediate();
      done.add(index);
    },
    onDone: (next) => {
      for (let index = 10; index < next; index++) expect(done).toContain(index);
      reported.push(next);
    },
  });
  expect(reported.slice(0, 20)).toEqual(Array(20).fill(10));
  expect(reported.at(-1)).toBe(60);
});

test("the first failure ends the load, and later numbers are not begun", async () => {
  const sent: number[] = [];
  const load = inOrder({
    first: 0,
    end: 1_000,
    async send(index) {
      sent.push(index);
      await setImmediate();
      if (index === 3) throw new Error("no");
    },
    onDone: () => {},
  });
  await expect(load).rejects.toThrow("no");
  for (let turn = 0; turn < 300; turn++) await setImmediate();
  expect(sent.length).toBeLessThan(30);
});
