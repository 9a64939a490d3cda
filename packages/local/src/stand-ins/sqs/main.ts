import { parseEnvironment } from "@cloud-design/core/environment";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import * as z from "zod";
import { runStandIn } from "../stand-in.ts";
import { startSqs } from "./server.ts";

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535),
  STATE_DIRECTORY: z.string().min(1),
  AWS_REGION: z.string().min(1),
});

await runStandIn("sqs", async (log) => {
  const environment = parseEnvironment(Environment);
  const sqs = await startSqs({
    port: environment.PORT,
    region: environment.AWS_REGION,
    stateDirectory: environment.STATE_DIRECTORY,
    receivesMax: ORDER_BRIDGE.receivesMax,
  });
  log.info({ port: sqs.port, queue_url: sqs.ordersUrl, dead_letters_url: sqs.deadLettersUrl }, "listening");
  return () => sqs.stop();
});
