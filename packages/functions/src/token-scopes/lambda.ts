import { spelledOut, withheldScopes } from "@cloud-design/core/identity/scopes";
import type { PreTokenGenerationV2TriggerHandler } from "aws-lambda";

/**
 * Takes from an access token what its user may not have. Cognito itself looks only at what the client may ask for. Never called for
 * client credentials, whose scopes are the client's own.
 */
export const handler: PreTokenGenerationV2TriggerHandler = async (event) => {
  // A user without groups has none here, not an empty list.
  const groups = event.request.groupConfiguration?.groupsToOverride ?? [];
  const scopesToSuppress = withheldScopes(groups).map(spelledOut);
  event.response = { claimsAndScopeOverrideDetails: { accessTokenGeneration: { scopesToSuppress } } };
  return event;
};
