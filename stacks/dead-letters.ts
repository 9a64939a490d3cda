import type { DeadLettersEnvironment } from "@cloud-design/functions/dead-letters/env";
import { DEAD_LETTERS, nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type StackContext, use } from "sst/constructs";
import { Broker } from "./broker.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { Network } from "./network.ts";
import { Orders } from "./orders.ts";

/** In seconds. A request works for two, but may read a thousand dead letters and wait for RabbitMQ. */
const TIMEOUT_SECONDS = 60;

/**
 * The operators' function for both dead-letter queues, since RabbitMQ cannot be reached from outside. No route leads to it; IAM decides who may
 * invoke it. It costs nothing until then.
 */
export function DeadLetters({ stack, app }: StackContext) {
  const { vpc, groups } = use(Network);
  const { queues, queueUrls, deadLetters } = use(Orders);
  const broker = use(Broker);
  const operatorFunction = nodeFunction(stack, "DeadLetters", {
    // A fixed name, so that `npm run ops -- dlq --stage NAME` finds it from a machine that has never deployed.
    functionName: nameOf(stack, DEAD_LETTERS),
    handler: "packages/functions/src/dead-letters/lambda.handler",
    memorySize: 512, // room for a thousand orders of 64 KB that it holds at once
    timeout: TIMEOUT_SECONDS,
    isTraced: true,
    network: { vpc, group: groups.deadLetters },
    settings: stageSettings(app.stage),
    environment: {
      ...broker.environment(stack),
      ORDERS_QUEUE_URLS: queueUrls,
      ORDERS_DEAD_LETTERS_URL: deadLetters.queueUrl,
    } satisfies DeadLettersEnvironment,
  });
  broker.credentials.grantRead(operatorFunction);
  for (const statement of [
    {
      actions: [
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
      ],
      resources: [deadLetters.queueArn],
    },
    { actions: ["sqs:SendMessage"], resources: Object.values(queues).map(({ queueArn }) => queueArn) },
  ]) {
    operatorFunction.addToRolePolicy(new PolicyStatement(statement));
  }
  return { operatorFunction };
}
