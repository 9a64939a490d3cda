import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { parseJson } from "@cloud-design/core/json";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { clientSettings } from "@cloud-design/stage/aws-access";
import { nameOf } from "@cloud-design/stage/names";
import type { StageAccess } from "@cloud-design/stage/resources";
import * as z from "zod";
import { onStage } from "./access.ts";

/** Longer than any such function's own limit of 60 s. */
const ANSWER_SECONDS = 70;

const Failure = z.object({ errorMessage: z.string() });

/**
 * A function of a stage that only operators call: it works where they cannot reach, and only a caller who may invoke it gets an answer. `ask`
 * throws `SetupError` with one sentence without an answer.
 */
export function operatorsFunction(stage: StageAccess, name: string) {
  const functionName = nameOf(stage, name);
  const client = new LambdaClient({
    ...clientSettings(stage),
    // A second call would do the same again: harmless, but the caller should know.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: ANSWER_SECONDS * 1_000,
      throwOnRequestTimeout: true,
    },
  });
  return {
    async ask(request: object): Promise<unknown> {
      const Payload = JSON.stringify(request);
      const answer = await client
        .send(new InvokeCommand({ FunctionName: functionName, Payload }))
        .catch((error: Error) => {
          if (error.name !== "ResourceNotFoundException") return onStage(stage, () => Promise.reject(error));
          throw new SetupError(
            `There is no function ${functionName} in ${stage.region}: name another --region, or deploy the stage with this version.`,
          );
        });
      const body = parseJson(Buffer.from(answer.Payload ?? []).toString());
      if (answer.FunctionError === undefined) return body;
      throw new SetupError(Failure.safeParse(body).data?.errorMessage ?? `${functionName} broke off.`);
    },
    close: async () => client.destroy(),
  };
}
