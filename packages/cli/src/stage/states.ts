import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
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

async function stateOfQueue(client: SQSClient, QueueUrl: string): Promise<Known> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inFlight } =
    Attributes;
  return {
    state: "available",
    counts: { waiting: Number(waiting), "in flight": Number(inFlight) },
    changedAt: null,
    problem: null,
  };
}
