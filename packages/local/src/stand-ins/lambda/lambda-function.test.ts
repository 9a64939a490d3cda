import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { lambdaFunction, ThrottledError } from "./lambda-function.ts";

let lines: string[];

beforeEach(() => {
  lines = [];
  vi.stubEnv("METRICS_NAMESPACE", "cloud-design/test");
  vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The reported metrics, without the fields that only CloudWatch needs. */
function reported(): Record<string, unknown>[] {
  return lines.map((line) => {
    const { _aws, FunctionName, Duration, ...values } = JSON.parse(line);
    expect(_aws.CloudWatchMetrics).toMatchObject([
      { Namespace: "AWS/Lambda", Dimensions: [["FunctionName"]] },
    ]);
    expect(FunctionName).toBe("answer");
    return values;
  });
}

const functionOf = (handler: () => Promise<unknown>, concurrencyMax?: number) =>
  lambdaFunction({ name: "answer", timeoutSeconds: 0.05, concurrencyMax, handler });

it("reports each invocation, with zero errors", async () => {
  expect(await functionOf(async () => 42)(undefined)).toBe(42);
  expect(reported()).toEqual([{ Invocations: 1, Errors: 0, Throttles: 0 }]);
});

it.each([
  ["rejects", () => Promise.reject(new Error("a bug"))],
  [
    "throws before its first await",
    () => {
      throw new Error("a bug");
    },
  ],
  ["takes longer than its time-out", () => sleep(500)],
])("reports one that %s as an error", async (_, handler) => {
  await expect(functionOf(handler)(undefined)).rejects.toThrow();
  expect(reported()).toEqual([{ Invocations: 1, Errors: 1, Throttles: 0 }]);
});

it("starts no more invocations than its concurrency allows, and reports the others as throttled", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const invoke = functionOf(() => promise, 1);
  const first = invoke(undefined);
  await expect(invoke(undefined)).rejects.toThrow(ThrottledError);
  resolve();
  await first;
  await invoke(undefined);
  const invoked = { Invocations: 1, Errors: 0, Throttles: 0 };
  expect(reported()).toEqual([{ Throttles: 1 }, invoked, invoked]);
});

it("reports nothing where metrics are not collected", async () => {
  vi.stubEnv("METRICS_NAMESPACE", undefined);
  await functionOf(async () => 42)(undefined);
  expect(lines).toEqual([]);
});
