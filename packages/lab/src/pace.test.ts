import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { keepPace } from "./pace.ts";

/** A clock on which every sleep is over at once, until `endsAt`: then only the signal ends it. */
function clockUntil(endsAt: number) {
  let time = 0;
  return {
    now: () => time,
    async sleep(milliseconds: number, signal: AbortSignal) {
      await setImmediate();
      if (time + milliseconds <= endsAt) time += milliseconds;
      else await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    delay(milliseconds: number) {
      time += milliseconds;
    },
  };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
}

test("work starts at the set rate although no earlier work ends, and overdue starts are caught up on", async () => {
  const clock = clockUntil(300);
  const times: number[] = [];
  const work = () => {
    times.push(clock.now());
    if (times.length === 3) clock.delay(120);
    return new Promise(() => {});
  };
  keepPace(20, work, { clock });
  await turns();
  expect(times).toEqual([0, 50, 100, 220, 220, 250, 300]);
});

test("an offset moves each start within its own interval", async () => {
  const clock = clockUntil(200);
  const times: number[] = [];
  const offsets = [0.5, 0, 0.9, 0.1];
  const offset = () => offsets.shift() ?? 1;
  const loop = keepPace(20, async () => times.push(clock.now()), { clock, offset });
  await turns();
  await loop.stop();
  expect(times).toEqual([25, 50, 145, 155]);
});

test("a rate of 0 starts nothing", async () => {
  let started = 0;
  const loop = keepPace(0, async () => started++, { clock: clockUntil(1_000) });
  await turns();
  await loop.stop();
  expect(started).toBe(0);
});

test("stop starts nothing more, and resolves when the last started work has ended", async () => {
  const clock = clockUntil(100);
  const finish: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => finish.push(resolve));
  const loop = keepPace(20, work, { clock });
  await turns();
  void loop.begin(work);
  expect(finish).toHaveLength(4);
  let isStopped = false;
  const stopped = loop.stop().then(() => {
    isStopped = true;
  });
  for (const end of finish) {
    await turns();
    expect(isStopped).toBe(false);
    end();
  }
  await stopped;
  expect(finish).toHaveLength(4);
});

test("a failure of the work stops no other work, and stop rejects with the first", async () => {
  const clock = clockUntil(200);
  let started = 0;
  const loop = keepPace(20, () => Promise.reject(new Error(`no ${++started}`)), { clock });
  await expect(loop.begin(() => Promise.reject(new Error("its caller's")))).rejects.toThrow("its caller's");
  await turns();
  expect(started).toBe(5);
  await expect(loop.stop()).rejects.toThrow("no 1");
});
