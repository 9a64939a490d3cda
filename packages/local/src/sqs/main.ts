import { parseEnvironment } from "@cloud-design/core/environment";
import * as z from "zod";
import { runStandIn } from "../stand-in.ts";
import { startSqs } from "./server.ts";

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535),
  STATE_DIRECTORY: z.string().min(1),
  AWS_REGION: z.string().min(1),
  ORDERS_RECEIVES_MAX: z.coerce.number().int().min(1).max(1_000),
});

await runStandIn("sqs", async (log) => {
  const environment = parseEnvironment(Environment);
  const sqs = await startSqs({
    port: environment.PORT,
    region: environment.AWS_REGION,
    stateDirectory: environment.STATE_DIRECTORY,
    receivesMax: environment.ORDERS_RECEIVES_MAX,
  });
  log.info({ port: sqs.port, orders: sqs.ordersUrl, deadLetters: sqs.deadLettersUrl }, "listening");
  return () => sqs.stop();
});
