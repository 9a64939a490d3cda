import type { StageSettings } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Stack } from "sst/constructs";
import { removalPolicyOf } from "./log-group.ts";

/** The maximum of SQS: an operator has two weeks to look. */
const DEAD_LETTER_DAYS = 14;

interface WorkQueue {
  limits: { visibilitySeconds: number; receivesMax: number };
  retentionDays: number;
  settings: StageSettings;
}

/** A queue for a function, and its dead letters. */
export function workQueue(
  stack: Stack,
  id: string,
  { limits, retentionDays, settings }: WorkQueue,
): { queue: Queue; deadLetters: Queue } {
  const common: QueueProps = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    removalPolicy: removalPolicyOf(settings),
  };
  const deadLetters = new Queue(stack, `${id}DeadLetters`, {
    ...common,
    retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
  });
  const queue = new Queue(stack, `${id}Queue`, {
    ...common,
    retentionPeriod: Duration.days(retentionDays),
    visibilityTimeout: Duration.seconds(limits.visibilitySeconds),
    // Long polling saves the empty answers that a short poll is billed for.
    receiveMessageWaitTime: Duration.seconds(20),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: limits.receivesMax },
  });
  return { queue, deadLetters };
}
