import { callerOf } from "@cloud-design/stage/aws-access";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { DEAD_LETTERS } from "@cloud-design/stage/names";
import { onStage } from "../stage/access.ts";
import { operatorsFunction } from "../stage/operators-function.ts";
import type { DeadLettersClient } from "./client.ts";

/** The dead letters of a stage on AWS, through its function: RabbitMQ is private there. */
export function stageClient(named: NamedStage): Promise<DeadLettersClient> {
  return onStage(named, async (stage) => ({
    by: await callerOf(stage),
    ...operatorsFunction(stage, DEAD_LETTERS),
  }));
}
