import { parseEnvironment } from "@cloud-design/core/environment";
import { IMPORT_LOADER } from "@cloud-design/functions/shared/import-limits";
import { runStandIn } from "../../stand-in.ts";
import { ChunksSourceEnvironment } from "../env.ts";
import { startPolling } from "../start-polling.ts";

await runStandIn("import-loader", async (log) => {
  const environment = parseEnvironment(ChunksSourceEnvironment);
  const { handler } = await import("@cloud-design/functions/import-loader");
  const queues = [{ url: environment.IMPORT_CHUNKS_QUEUE_URL, concurrency: IMPORT_LOADER.concurrency }];
  return startPolling({ name: "import-loader", limits: IMPORT_LOADER, queues, environment, handler, log });
});
