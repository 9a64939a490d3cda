import { appendFileSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { DomainError } from "@cloud-design/core/errors";
import { allowedFields } from "@cloud-design/core/log-line";
import { activeIds } from "@cloud-design/core/telemetry";
import { type Entry, openBothQueues } from "@cloud-design/functions/dead-letters/both-queues";
import { REGION } from "@cloud-design/local/platform/region";
import { localDirectory } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { startTelemetry } from "@cloud-design/telemetry";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import type { DeadLettersClient } from "./client.ts";

const Addresses = z.object({
  broker: z.object({ url: z.string() }),
  queues: z.object({ orders: z.string(), deadLetters: z.string() }),
  parts: z.object({ telemetry: z.object({ url: z.string() }).optional() }),
});

/** The dead letters of this clone's running platform, handled by the same code as in the function on AWS. */
export async function laptopClient(): Promise<DeadLettersClient> {
  const directory = localDirectory();
  const { broker, queues, parts } = Addresses.parse(runningPlatform(directory));
  const environment = TelemetryEnvironment.parse({ OTEL_EXPORTER_OTLP_ENDPOINT: parts.telemetry?.url });
  const telemetry = await startTelemetry({ service: "dead-letters", environment });
  const both = openBothQueues(
    { AMQP_URL: broker.url, ORDERS_QUEUE_URL: queues.orders, ORDERS_DEAD_LETTERS_URL: queues.deadLetters },
    {
      region: REGION,
      endpoint: new URL(queues.orders).origin,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    },
  );
  return {
    by: userName(),
    ask: (request) =>
      both.ask(request, recordIn(directory)).catch((error: unknown) => {
        throw error instanceof DomainError
          ? new SetupError(`${error.message} See \`npm run ops -- ps\`.`, { cause: error })
          : error;
      }),
    async close() {
      await both.close();
      await telemetry.shutdown();
    },
  };
}

/** Writes the function's log line before the dead letter leaves its queue, synchronously and at any log level: a change is on the record even if the process is killed. */
function recordIn(directory: string): (entry: Entry) => void {
  const path = join(directory, "logs/dead-letters.log");
  return (entry) => {
    mkdirSync(join(directory, "logs"), { recursive: true });
    const line = {
      level: "info",
      time: new Date().toISOString(),
      service: "dead-letters",
      ...allowedFields({ ...activeIds(), ...entry }),
      message: LOG_MESSAGES.deadLetterChanged,
    };
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  };
}

/** The user of a container may have no entry in /etc/passwd. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
