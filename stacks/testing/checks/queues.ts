import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { nameOf } from "../references.ts";

const Queue = z.object({
  VisibilityTimeout: z.number().default(30),
  SqsManagedSseEnabled: z.boolean().optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});
const Mapping = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
});
const LambdaFunction = z.object({ Timeout: z.number() });

/** Every queue has a dead-letter queue or is one. */
export function deadLetters(app: App): string[] {
  const queues = resourcesOf(app, "AWS::SQS::Queue", Queue);
  const targets = queues.map(({ properties }) => nameOf(properties.RedrivePolicy?.deadLetterTargetArn));
  return queues
    .filter(({ name, properties }) => !properties.RedrivePolicy && !targets.includes(name))
    .map(({ name }) => `${name} has no dead letters`);
}

/** Messages that a function fails to handle return one by one, in time, and within the broker's capacity. */
export function eventSources(app: App): string[] {
  const queues = resourcesOf(app, "AWS::SQS::Queue", Queue);
  const functions = resourcesOf(app, "AWS::Lambda::Function", LambdaFunction);
  return resourcesOf(app, "AWS::Lambda::EventSourceMapping", Mapping).flatMap(({ name, properties }) => {
    const queue = queues.find((candidate) => candidate.name === nameOf(properties.EventSourceArn));
    const reader = functions.find((candidate) => candidate.name === nameOf(properties.FunctionName));
    if (!queue || !reader) return [`${name} joins no queue to a function`];
    const requirements: [string, boolean][] = [
      // As AWS advises, so that a message stays invisible while its function may still run.
      [
        "gives 6 times the function's time-out",
        queue.properties.VisibilityTimeout >= 6 * reader.properties.Timeout,
      ],
      ["reports failures one by one", properties.FunctionResponseTypes.includes("ReportBatchItemFailures")],
      ["bounds its concurrency", (properties.ScalingConfig?.MaximumConcurrency ?? 0) >= 2],
    ];
    return requirements.filter(([, isMet]) => !isMet).map(([claim]) => `It is not so that ${name} ${claim}`);
  });
}
