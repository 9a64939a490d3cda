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

/** An update takes some seconds, and longer for a function in a network. */
const PATIENCE_SECONDS = 120;
/** For a function that is called by a published version. */
const LIVE = "live";

/** Replaces a function's instances by a change of its configuration: running calls finish, and the next call gets a new instance. */
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
  // A version is immutable, so the same code is published once more and the alias moves to it.
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

/** The alias's version. Refuses while a release is under way or after a rollback: the newest code is then not the code that should run. */
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
      `${FunctionName} runs version ${Qualifier}, and its newest code is another one, which was rolled back: deploy the code that should run.`,
    );
  }
  return { revisionId, codeSha256: live.CodeSha256 };
}
