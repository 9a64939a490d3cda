import type { StageSettings } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Stack } from "sst/constructs";
import { removalPolicyOf } from "./log-group.ts";

interface Kept {
  retentionDays: number;
  settings: StageSettings;
}

/** A queue of messages that a function could not handle. Their time of retention began in the queue that they come from. */
export function deadLetterQueue(stack: Stack, id: string, kept: Kept): Queue {
  return new Queue(stack, id, propsOf(kept));
}

/** A queue from which a function works. */
export function workQueue(
  stack: Stack,
  id: string,
  options: Kept & { limits: { visibilitySeconds: number; receivesMax: number }; deadLetters: Queue },
): Queue {
  const { limits, deadLetters } = options;
  return new Queue(stack, id, {
    ...propsOf(options),
    visibilityTimeout: Duration.seconds(limits.visibilitySeconds),
    // Long polling saves the empty answers that a short poll is billed for.
    receiveMessageWaitTime: Duration.seconds(20),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: limits.receivesMax },
  });
}

function propsOf({ retentionDays, settings }: Kept): QueueProps {
  return {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(retentionDays),
    removalPolicy: removalPolicyOf(settings),
  };
}
