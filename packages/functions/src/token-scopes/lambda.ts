import { spelledOut, withheldScopes } from "@cloud-design/core/identity/scopes";
import type { PreTokenGenerationV2TriggerHandler } from "aws-lambda";

/**
 * Removes the scopes from an access token that its user must not have. Cognito itself only checks what the client may
 * ask for. It is not called for client credentials, whose scopes are the client's own.
 */
export const handler: PreTokenGenerationV2TriggerHandler = async (event) => {
  // For a user without groups the field is absent, not an empty list.
  const groups = event.request.groupConfiguration?.groupsToOverride ?? [];
  const scopesToSuppress = withheldScopes(groups).map(spelledOut);
  event.response = { claimsAndScopeOverrideDetails: { accessTokenGeneration: { scopesToSuppress } } };
  return event;
};
