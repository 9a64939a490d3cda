import { setTimeout as sleep } from "node:timers/promises";
import { parseEnvironment } from "@cloud-design/core/environment";
import * as z from "zod";
import { runStandIn } from "../stand-in.ts";

const Environment = z.object({ INTERVAL_SECONDS: z.coerce.number().int().min(1) });

/** EventBridge: runs the function again and again. A run that fails is logged by the function, and the next one comes all the same. */
await runStandIn("status-probe", async (log) => {
  const { INTERVAL_SECONDS: seconds } = parseEnvironment(Environment);
  // Here and not above: the module reads its own settings, and what it misses belongs into the same one sentence.
  const { handler } = await import("@cloud-design/functions/status-probe");
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await handler().catch((err: unknown) => log.error({ err }, "the check failed"));
      await sleep(seconds * 1_000, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  log.info({ interval_seconds: seconds }, "checking");
  return async () => {
    stopping.abort();
    await running;
  };
});
