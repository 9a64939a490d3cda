import { setTimeout as sleep } from "node:timers/promises";
import { parseEnvironment } from "@cloud-design/core/environment";
import * as z from "zod";
import { lambdaFunction } from "../lambda/lambda-function.ts";
import { runStandIn } from "../stand-in.ts";

/** As on AWS (stacks/status.ts). */
const FUNCTION_SECONDS = 40;

const Environment = z.object({ INTERVAL_SECONDS: z.coerce.number().int().min(1) });

/**
 * EventBridge: runs the function at a fixed rate, not a pause after the last run. A run that fails is logged by the function, and the next
 * one comes all the same; one that takes longer than the interval lets those go by that it is in the way of.
 */
await runStandIn("status-probe", async (log) => {
  const { INTERVAL_SECONDS: seconds } = parseEnvironment(Environment);
  // Here and not above: the module reads its own settings, and what it misses belongs into the same one sentence.
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
