import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { trustAlso } from "@cloud-design/core/trust";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { openBothQueues } from "./both-queues.ts";
import { DeadLettersEnvironment } from "./env.ts";
import { DeadLettersRequest } from "./protocol.ts";

const environment = parseEnvironment(DeadLettersEnvironment);
trustAlso(environment.AMQP_AUTHORITY ?? []);
const telemetry = await startTelemetry({ service: "dead-letters", environment });
const queues = openBothQueues(environment);
const log = createLog("dead-letters");

/** Called by operators through `lambda:InvokeFunction`; it has no route. */
export const handler = flushed(telemetry, async (event: unknown, context: Pick<Context, "awsRequestId">) => {
  const request = DeadLettersRequest.safeParse(event);
  if (!request.success) throw new Error(`The request is malformed: ${z.prettifyError(request.error)}`);
  return queues.ask(request.data, (entry) =>
    log.info({ ...entry, request_id: context.awsRequestId }, LOG_MESSAGES.deadLetterChanged),
  );
});
