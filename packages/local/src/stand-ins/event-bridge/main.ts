import { setTimeout as sleep } from "node:timers/promises";
import { parseEnvironment } from "@cloud-design/core/environment";
import { lambdaFunction } from "../lambda/lambda-function.ts";
import { runStandIn } from "../stand-in.ts";
import { EventBridgeEnvironment } from "./env.ts";

/** As on AWS (stacks/status.ts). */
const FUNCTION_SECONDS = 40;

/**
 * EventBridge: starts the function at a fixed rate, independent of when the last run ended. The function logs a failed run, and the next
 * run comes all the same. While a run takes longer than the interval, the runs that are due in that time are skipped.
 */
await runStandIn("status-probe", async (log) => {
  const { INTERVAL_SECONDS: seconds } = parseEnvironment(EventBridgeEnvironment);
  // Imported here and not above: the module reads its own settings, and a missing one must be named in the same sentence.
  const { handler } = await import("@cloud-design/functions/status-probe");
  const check = lambdaFunction({
    name: "status-probe",
    timeoutSeconds: FUNCTION_SECONDS,
    handler: () => handler(),
  });
  const stopping = new AbortController();
  const running = (async () => {
    const startedAt = performance.now();
    while (!stopping.signal.aborted) {
      await check(undefined).catch((err: unknown) => log.error({ err }, "the check failed"));
      const milliseconds = seconds * 1_000;
      const toNext = milliseconds - ((performance.now() - startedAt) % milliseconds);
      await sleep(toNext, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  log.info({ interval_seconds: seconds }, "checking");
  return async () => {
    stopping.abort();
    await running;
  };
});
