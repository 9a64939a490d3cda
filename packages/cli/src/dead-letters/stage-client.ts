import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { parseJson } from "@cloud-design/core/json";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { callerOf, clientSettings } from "@cloud-design/stage/aws-access";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { DEAD_LETTERS, nameOf } from "@cloud-design/stage/names";
import * as z from "zod";
import { onStage } from "../stage/access.ts";
import type { DeadLettersClient } from "./client.ts";

/** Longer than the function's own 60 s. */
const ANSWER_SECONDS = 70;

const Failure = z.object({ errorMessage: z.string() });

/** The dead letters of a stage on AWS, through its function: RabbitMQ is private there, and only a caller who may invoke the function gets an answer. */
export async function stageClient(named: NamedStage): Promise<DeadLettersClient> {
  const { access, by } = await onStage(named, async (stage) => ({
    access: stage,
    by: await callerOf(stage),
  }));
  const functionName = nameOf(access, DEAD_LETTERS);
  const client = new LambdaClient({
    ...clientSettings(access),
    // A second call would do the same again: harmless, but the caller should know.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: ANSWER_SECONDS * 1_000,
      throwOnRequestTimeout: true,
    },
  });
  return {
    by,
    async ask(request) {
      const Payload = JSON.stringify(request);
      const answer = await client
        .send(new InvokeCommand({ FunctionName: functionName, Payload }))
        .catch((error: Error) => {
          if (error.name !== "ResourceNotFoundException") return onStage(named, () => Promise.reject(error));
          throw new SetupError(
            `There is no function ${functionName} in ${access.region}: name another --region, or deploy the stage with this version.`,
          );
        });
      const body = parseJson(Buffer.from(answer.Payload ?? []).toString());
      if (answer.FunctionError === undefined) return body;
      throw new SetupError(Failure.safeParse(body).data?.errorMessage ?? `${functionName} broke off.`);
    },
    close: async () => client.destroy(),
  };
}
