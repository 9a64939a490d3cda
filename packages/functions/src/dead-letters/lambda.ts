import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { openBench } from "./bench.ts";
import { DeadLettersEnvironment } from "./env.ts";
import { DeadLettersRequest } from "./protocol.ts";

const bench = openBench(parseEnvironment(DeadLettersEnvironment));
const log = createLog("dead-letters");

/** Asked by operators alone, through `lambda:InvokeFunction`: no route leads here. */
export async function handler(event: unknown, context: Pick<Context, "awsRequestId">) {
  const request = DeadLettersRequest.safeParse(event);
  if (!request.success) throw new Error(`This is no request: ${z.prettifyError(request.error)}`);
  return bench.ask(request.data, (entry) =>
    log.info({ ...entry, request_id: context.awsRequestId }, "dead letter changed"),
  );
}
