import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { runInOrder } from "./graph.ts";

const never = new AbortController().signal;

it("names the steps that wait for each other or for a step that does not exist", async () => {
  const run = async () => {};
  const steps = [
    { name: "a", needs: ["b"], run },
    { name: "b", needs: ["a"], run },
    { name: "c", needs: ["nothing"], run },
  ];
  await expect(runInOrder(steps, never)).rejects.toThrow("a (needs b), b (needs a), c (needs nothing)");
});

it("aborts the other steps at the first failure, and waits for them", async () => {
  let hasLeft = false;
  const patient = async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await setImmediate();
    hasLeft = true;
  };
  const failing = async () => {
    throw new Error("broken");
  };
  const steps = [
    { name: "patient", needs: [], run: patient },
    { name: "failing", needs: [], run: failing },
  ];
  await expect(runInOrder(steps, never)).rejects.toThrow("broken");
  expect(hasLeft).toBe(true);
});
