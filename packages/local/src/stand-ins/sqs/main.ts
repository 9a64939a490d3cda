import { parseEnvironment } from "@cloud-design/core/environment";
import { runStandIn } from "../stand-in.ts";
import { SqsEnvironment } from "./env.ts";
import { startSqs } from "./server.ts";

await runStandIn("sqs", async (log) => {
  const environment = parseEnvironment(SqsEnvironment);
  const sqs = await startSqs({
    port: environment.PORT,
    region: environment.AWS_REGION,
    stateDirectory: environment.STATE_DIRECTORY,
  });
  log.info(
    { port: sqs.port, queue_url: sqs.ordersUrls.standard, dead_letters_url: sqs.deadLettersUrl },
    "listening",
  );
  return () => sqs.stop();
});
