import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from "@aws-sdk/client-lambda";
import { clientSettings } from "./aws-access.ts";
import { Refusal } from "./refusal.ts";
import type { StageAccess } from "./resources.ts";

/** Lambda itself takes some seconds; more in a network. */
const PATIENCE_SECONDS = 120;
/** Of a function that is called by a published version. */
const LIVE = "live";

/** Instances that run finish what they do, the next call gets new ones: Lambda makes them when the configuration has changed. */
export async function restartFunction(stage: StageAccess, FunctionName: string): Promise<void> {
  const client = new LambdaClient(clientSettings(stage));
  const alias = await liveVersion(client, FunctionName);
  const Description = `Restarted ${new Date().toISOString()}`;
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description }));
  await waitUntilFunctionUpdated(
    { client, maxWaitTime: PATIENCE_SECONDS, minDelay: 1, maxDelay: 5 },
    { FunctionName },
  ).catch(() => {
    throw new Refusal(
      `${FunctionName} is not updated after ${PATIENCE_SECONDS} s: \`npm run ops -- ps\` says why.`,
    );
  });
  if (alias === undefined) return;
  // A version never changes: the same code is published once more, and the alias moved to it.
  const { Version } = await client.send(
    new PublishVersionCommand({ FunctionName, Description, CodeSha256: alias.codeSha256 }),
  );
  await client.send(
    new UpdateAliasCommand({
      FunctionName,
      Name: LIVE,
      FunctionVersion: Version,
      RevisionId: alias.revisionId,
    }),
  );
}

/** What the alias runs. Refuses while a release is under way or taken back: the newest code is then not what should run. */
async function liveVersion(client: LambdaClient, FunctionName: string) {
  const alias = await client.send(new GetAliasCommand({ FunctionName, Name: LIVE })).catch((error: Error) => {
    if (error.name === "ResourceNotFoundException") return undefined;
    throw error;
  });
  if (alias === undefined) return undefined;
  const { FunctionVersion: Qualifier = "", RevisionId: revisionId, RoutingConfig } = alias;
  if (Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0) {
    throw new Refusal(`A release of ${FunctionName} is under way: wait until it is done.`);
  }
  const [live, newest] = await Promise.all([
    client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })),
    client.send(new GetFunctionConfigurationCommand({ FunctionName })),
  ]);
  if (live.CodeSha256 !== newest.CodeSha256) {
    throw new Refusal(
      `${FunctionName} runs version ${Qualifier}, and its newest code is another that was taken back: deploy what should run.`,
    );
  }
  return { revisionId, codeSha256: live.CodeSha256 };
}
