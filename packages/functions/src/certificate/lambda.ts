import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { createApp } from "./app.ts";
import { openAcm, openSecret } from "./aws.ts";
import { answer } from "./custom-resource.ts";
import { CertificateEnvironment } from "./env.ts";
import { Renewal } from "./protocol.ts";

const environment = parseEnvironment(CertificateEnvironment);
const log = createLog("certificate");
const app = createApp({
  stage: environment.SST_STAGE,
  authority: openSecret(environment.AUTHORITY_SECRET_ARN),
  task: openSecret(environment.TASK_SECRET_ARN),
  broker: openSecret,
  acm: openAcm({ "sst:app": environment.SST_APP, "sst:stage": environment.SST_STAGE }),
});

/**
 * Called by CloudFormation when a stage is created, changed or removed, and weekly by the schedule. Throws when a
 * renewal fails.
 */
export async function handler(event: CloudFormationCustomResourceEvent | Renewal): Promise<void> {
  if ("RequestType" in event) return answer(event, app);
  await app.renew(Renewal.parse(event));
  log.info("the balancer and the tasks have new certificates");
}
