import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { DomainError } from "@cloud-design/core/errors";
import { openBothQueues } from "@cloud-design/functions/dead-letters/both-queues";
import { REGION } from "@cloud-design/local/platform/region";
import { localDirectory } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { startTelemetry } from "@cloud-design/telemetry";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { recordIn, userName } from "../operator.ts";
import type { DeadLettersClient } from "./client.ts";

const Addresses = z.object({
  broker: z.object({ url: z.string() }),
  queues: z.object({ lanes: z.record(z.enum(LANE_NAMES), z.string()), deadLetters: z.string() }),
  parts: z.object({ telemetry: z.object({ url: z.string() }).optional() }),
});

/** The dead letters of this clone's running platform, handled by the same code as in the function on AWS. */
export async function laptopClient(): Promise<DeadLettersClient> {
  const directory = localDirectory();
  const { broker, queues, parts } = Addresses.parse(runningPlatform(directory));
  const environment = TelemetryEnvironment.parse({ OTEL_EXPORTER_OTLP_ENDPOINT: parts.telemetry?.url });
  const telemetry = await startTelemetry({ service: "dead-letters", environment });
  const both = openBothQueues(
    {
      AMQP_URL: broker.url,
      ORDERS_QUEUE_URLS: queues.lanes,
      ORDERS_DEAD_LETTERS_URL: queues.deadLetters,
    },
    {
      region: REGION,
      endpoint: new URL(queues.deadLetters).origin,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    },
  );
  const record = recordIn(directory, "dead-letters", LOG_MESSAGES.deadLetterChanged);
  return {
    by: userName(),
    ask: (request) =>
      both.ask(request, record).catch((error: unknown) => {
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
