import { openDatabase } from "@cloud-design/core/database";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { trustRds } from "@cloud-design/core/trust-rds";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import type { SQSEvent } from "aws-lambda";
import { openImportObjects } from "../shared/import-objects.ts";
import { openRetryLater } from "../shared/retry-later.ts";
import { ImportLoaderEnvironment } from "./env.ts";
import { load } from "./loader.ts";

const environment = parseEnvironment(ImportLoaderEnvironment);
// For a stage without RDS Proxy.
trustRds();
const telemetry = await startTelemetry({ service: "import-loader", environment });
const database = openDatabase({
  url: environment.DATABASE_URL,
  credentials: credentialsFrom(environment.DATABASE_SECRET_ARN),
  name: "import-loader",
  // A function handles one event at a time.
  connectionsMax: 1,
});
const objects = openImportObjects(environment.IMPORTS_BUCKET);
const retryLater = openRetryLater(environment.IMPORT_CHUNKS_QUEUE_URL);
const log = createLog("import-loader");

export const handler = flushed(telemetry, (event: SQSEvent) =>
  load(event, { database, objects, retryLater, log }),
);
