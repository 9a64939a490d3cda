import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("at most so many run at the same time, in order, also after a failure", async () => {
  const enter = createGate(2);
  const works = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<number>());
  const started: number[] = [];
  const results = works.map(({ promise }, index) =>
    enter(() => {
      started.push(index);
      return promise;
    }),
  );
  expect(started).toEqual([0, 1]);
  works[1]?.reject(new Error("one that fails"));
  await expect(results[1]).rejects.toThrow("one that fails");
  expect(started).toEqual([0, 1, 2]);
  for (const { resolve } of works) resolve(7);
  await Promise.all([results[0], ...results.slice(2)]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(await enter(async () => "again")).toBe("again");
});
