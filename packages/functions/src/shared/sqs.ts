import { type AwsCall, openAws } from "@cloud-design/core/aws";

/** SQS as it answers for this queue. */
export function openSqs(queueUrl: string): AwsCall {
  return openAws({ id: "SQS", signingName: "sqs", target: "AmazonSQS", version: "1.0", url: queueUrl });
}
