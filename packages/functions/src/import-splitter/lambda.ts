import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import type { SQSEvent } from "aws-lambda";
import { openImportObjects } from "../shared/import-objects.ts";
import { openRetryLater } from "../shared/retry-later.ts";
import { ImportSplitterEnvironment } from "./env.ts";
import { openSender } from "./sender.ts";
import { handle } from "./splitter.ts";

const environment = parseEnvironment(ImportSplitterEnvironment);
const telemetry = await startTelemetry({ service: "import-splitter", environment });
const objects = openImportObjects(environment.IMPORTS_BUCKET);
const send = openSender(environment.IMPORT_CHUNKS_QUEUE_URL);
const retryLater = openRetryLater(environment.IMPORTS_QUEUE_URL);
const log = createLog("import-splitter");

export const handler = flushed(telemetry, (event: SQSEvent) =>
  handle(event, { objects, send, retryLater, log }),
);
