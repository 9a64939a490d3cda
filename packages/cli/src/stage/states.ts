import { SQSClient } from "@aws-sdk/client-sqs";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { clientSettings } from "@cloud-design/stage/aws-access";
import { QUEUES } from "@cloud-design/stage/parts";
import { resourcesOf, type StageAccess } from "@cloud-design/stage/resources";
import { type Known, type PartState, type Question, questionsOf, statesOf } from "@cloud-design/stage/states";

/** Every part of a stage: state, counts, and when it changed. */
export async function stageStates(stage: StageAccess): Promise<PartState[]> {
  const resources = resourcesOf(stage);
  const client = new SQSClient(clientSettings(stage));
  const queues = Object.entries(QUEUES).map(
    ([part, queue]): Question => ({
      part,
      ask: async () => [{ part, ...(await stateOfQueue(client, await resources.physicalId(queue))) }],
    }),
  );
  return statesOf(stage, [...questionsOf(stage, resources), ...queues]);
}

async function stateOfQueue(client: SQSClient, queueUrl: string): Promise<Known> {
  const { visible, inFlight } = await queueDepth(client, queueUrl);
  return {
    state: "available",
    counts: { waiting: visible, "in flight": inFlight },
    changedAt: null,
    problem: null,
  };
}
