import { parseEnvironment } from "@cloud-design/core/environment";
import { IMPORT_SPLITTER } from "@cloud-design/functions/shared/import-limits";
import { runStandIn } from "../../stand-in.ts";
import { FilesSourceEnvironment } from "../env.ts";
import { startPolling } from "../start-polling.ts";

await runStandIn("import-splitter", async (log) => {
  const environment = parseEnvironment(FilesSourceEnvironment);
  const { handler } = await import("@cloud-design/functions/import-splitter");
  const queues = [{ url: environment.IMPORTS_QUEUE_URL, concurrency: IMPORT_SPLITTER.concurrency }];
  return startPolling({
    name: "import-splitter",
    limits: IMPORT_SPLITTER,
    queues,
    environment,
    handler,
    log,
  });
});
