import { handler } from "@cloud-design/functions/token-scopes";
import type { PreTokenGenerationV2TriggerEvent } from "aws-lambda";
import { lambdaFunction } from "../lambda/lambda-function.ts";
import type { User } from "./people.ts";

/** Cognito waits no longer. */
const FUNCTION_SECONDS = 5;

/** The scopes that are removed from a user's token, in Cognito's spelling. Rejects if the function fails, and then the sign-in fails. */
export type TokenScopes = (user: User) => Promise<ReadonlySet<string>>;

/** Asks the function that Cognito calls before it makes a token for a user (Cognito Developer Guide, "Pre token generation"). */
export function openTokenScopes(poolId: string, concurrencyMax?: number): TokenScopes {
  const invoke = lambdaFunction({
    name: "token-scopes",
    timeoutSeconds: FUNCTION_SECONDS,
    concurrencyMax,
    // The type of a Lambda handler still has the callback, which Node 24 does not pass.
    handler: async (event: PreTokenGenerationV2TriggerEvent, context): Promise<unknown> =>
      handler(event, context, () => {}),
  });
  return async (user) => {
    const event = eventOf(user, poolId);
    const answer = (await invoke(event)) as PreTokenGenerationV2TriggerEvent;
    const { accessTokenGeneration } = answer.response.claimsAndScopeOverrideDetails ?? {};
    return new Set(accessTokenGeneration?.scopesToSuppress);
  };
}

/** The fields of the event that a function may read. */
function eventOf({ sub, email, groups }: User, userPoolId: string): PreTokenGenerationV2TriggerEvent {
  const event: Omit<PreTokenGenerationV2TriggerEvent, "response"> & { response: object } = {
    version: "2",
    triggerSource: "TokenGeneration_HostedAuth",
    region: userPoolId.split("_", 1).join(),
    userPoolId,
    userName: sub,
    callerContext: { awsSdkVersion: "none", clientId: "web" },
    request: {
      userAttributes: { sub, email },
      groupConfiguration: { groupsToOverride: [...groups], iamRolesToOverride: [] },
      scopes: [],
    },
    response: { claimsAndScopeOverrideDetails: null },
  };
  return event as PreTokenGenerationV2TriggerEvent;
}
