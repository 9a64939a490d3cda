import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { callerOf, clientSettings, explained } from "../../../../stacks/shared/aws-access.ts";
import { DEAD_LETTERS, nameOf } from "../../../../stacks/shared/names.ts";
import { Refusal } from "../../../../stacks/shared/refusal.ts";
import { DEFAULT_REGION } from "../../../../stacks/shared/regions.ts";
import { checkStageName } from "../../../../stacks/shared/stage-name.ts";
import { SetupError } from "../part.ts";
import { parseJson } from "../smoke.ts";
import type { Desk } from "./desk.ts";

/** Over the function's own 60 s. */
const ANSWER_SECONDS = 70;

const Failure = z.object({ errorMessage: z.string() });

/** A stage on AWS, by its function: RabbitMQ is private there, and nobody but those who may invoke the function gets an answer. */
export async function stageDesk(
  stage: string,
  { region = DEFAULT_REGION, profile }: { region?: string | undefined; profile?: string | undefined },
): Promise<Desk> {
  const access = { region, profile };
  const functionName = nameOf({ stage }, DEAD_LETTERS);
  const by = await orSentence(async () => {
    checkStageName(stage);
    return callerOf(access);
  });
  const client = new LambdaClient({
    ...clientSettings(access),
    // A second call would do the same again; harmless, but whoever waits should know.
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
          if (error.name !== "ResourceNotFoundException")
            return orSentence(() => Promise.reject(explained(error, access)));
          throw new SetupError(
            `There is no function ${functionName} in ${region}: name another --region, or deploy the stage with this version.`,
          );
        });
      const body = parseJson(Buffer.from(answer.Payload ?? []).toString());
      if (answer.FunctionError === undefined) return body;
      throw new SetupError(Failure.safeParse(body).data?.errorMessage ?? `${functionName} broke off.`);
    },
    close: async () => client.destroy(),
  };
}

async function orSentence<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? new SetupError(error.message) : error;
  }
}
