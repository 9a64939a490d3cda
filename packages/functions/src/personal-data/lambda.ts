import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { openDatabase } from "@cloud-design/core/database";
import { parseEnvironment } from "@cloud-design/core/environment";
import { DomainError } from "@cloud-design/core/errors";
import { createLog } from "@cloud-design/core/log";
import { databaseUrl } from "@cloud-design/core/migrate";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { trustRds } from "@cloud-design/core/trust-rds";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { type Asked, answer } from "./answer.ts";
import { PersonalDataEnvironment } from "./env.ts";
import { PersonRequest } from "./protocol.ts";

const environment = parseEnvironment(PersonalDataEnvironment);
const log = createLog("personal-data");
trustRds();
const database = openDatabase({
  url: databaseUrl(environment.BILLING_DATABASE_URL, "orders"),
  credentials: credentialsFrom(environment.BILLING_ADMIN_SECRET_ARN),
  name: "personal-data",
  connectionsMax: 1,
});

/** Called by operators through `lambda:InvokeFunction`; it has no route. */
export async function handler(event: unknown, context: Pick<Context, "awsRequestId">) {
  const request = PersonRequest.safeParse(event);
  if (!request.success) throw new Error(`The request is malformed: ${z.prettifyError(request.error)}`);
  const record = (asked: Asked) =>
    log.info({ ...asked, request_id: context.awsRequestId }, LOG_MESSAGES.personalData);
  return answer(request.data, { run: database.run, record }).catch((error: Error) => {
    // Without the cause, which Lambda would log: it quotes the statement's values, and so the person.
    throw new Error(error instanceof DomainError ? error.message : "The rows cannot be read or changed.");
  });
}
