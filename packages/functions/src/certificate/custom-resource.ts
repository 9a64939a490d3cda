import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import type { CertificateApp } from "./app.ts";
import { Wanted } from "./protocol.ts";

/** The physical id of a certificate that could not be made: Delete has nothing to remove. */
const NONE = "none";

interface Done {
  PhysicalResourceId: string;
  Data?: Record<string, string>;
}

/**
 * Handles a CloudFormation request and answers it, also after a failure: without an answer CloudFormation waits for an
 * hour. Ref is the certificate's ARN.
 */
export async function answer(event: CloudFormationCustomResourceEvent, app: CertificateApp): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const known = "PhysicalResourceId" in event ? event.PhysicalResourceId : NONE;
  const outcome = await change(event, app).then(
    (done) => ({ Status: "SUCCESS", ...done }),
    (error: unknown) => ({
      Status: "FAILED",
      Reason: error instanceof Error ? error.message : String(error),
      PhysicalResourceId: known,
    }),
  );
  // As bytes: fetch adds a content type to a string, which the URL's signature does not cover.
  const body = Buffer.from(JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome }));
  const response = await fetch(event.ResponseURL, { method: "PUT", body });
  if (!response.ok) throw new Error(`CloudFormation's answer was refused with ${response.status}.`);
}

async function change(event: CloudFormationCustomResourceEvent, app: CertificateApp): Promise<Done> {
  if (event.RequestType === "Delete") {
    if (event.PhysicalResourceId !== NONE) await app.remove(event.PhysicalResourceId);
    return { PhysicalResourceId: event.PhysicalResourceId };
  }
  const wanted = Wanted.parse(event.ResourceProperties);
  const arn = event.RequestType === "Update" ? event.PhysicalResourceId : undefined;
  const { certificateArn, authority } = await app.issue(wanted, arn);
  return { PhysicalResourceId: certificateArn, Data: { authority } };
}
