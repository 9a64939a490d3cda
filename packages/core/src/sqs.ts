import { type AwsCall, type AwsService, openAws } from "./aws.ts";

/** SQS as it answers for this queue. */
export function openSqs(
  queueUrl: string,
  patience: Pick<AwsService, "answerSeconds" | "attemptsMax"> = {},
): AwsCall {
  const service = { id: "SQS", signingName: "sqs", target: "AmazonSQS", version: "1.0" } as const;
  return openAws({ ...service, ...patience, url: queueUrl });
}
