import type { Context, PreTokenGenerationV2TriggerEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { handler } from "./lambda.ts";

/** The event of Cognito for a user who signed in through the managed page (Cognito Developer Guide, "Pre token generation"). */
function eventOf(groupConfiguration: unknown): PreTokenGenerationV2TriggerEvent {
  return {
    version: "2",
    triggerSource: "TokenGeneration_HostedAuth",
    region: "us-east-1",
    userPoolId: "us-east-1_Example",
    userName: "ann",
    callerContext: { awsSdkVersion: "aws-sdk-unknown-unknown", clientId: "web" },
    request: {
      userAttributes: { sub: "ann" },
      groupConfiguration,
      scopes: ["openid", "cloud-design/movies.read", "cloud-design/movies.admin"],
    },
    response: { claimsAndScopeOverrideDetails: null },
  } as unknown as PreTokenGenerationV2TriggerEvent;
}

/** The scopes that Cognito removes from the access token. */
async function suppressed(groupConfiguration: unknown): Promise<string[] | undefined> {
  const answer: PreTokenGenerationV2TriggerEvent = await handler(
    eventOf(groupConfiguration),
    {} as Context,
    () => {},
  );
  return answer.response.claimsAndScopeOverrideDetails.accessTokenGeneration?.scopesToSuppress;
}

const groups = (...groupsToOverride: string[]) => ({ groupsToOverride, iamRolesToOverride: [] });

test("leaves an administrator all scopes", async () => {
  expect(await suppressed(groups("admin"))).toEqual([]);
  expect(await suppressed(groups("premium", "admin"))).toEqual([]);
});

test.each([
  ["no groups", groups()],
  ["no list of groups", {}],
  ["a null in place of the list", { groupsToOverride: null }],
  ["no configuration of groups", undefined],
  ["the group premium", groups("premium")],
  ["the group administrators", groups("administrators")],
  ["the group Admin", groups("Admin")],
])("removes movies.admin, under its full name, for a user with %s", async (_, groupConfiguration) => {
  expect(await suppressed(groupConfiguration)).toEqual(["cloud-design/movies.admin"]);
});

test("changes nothing else of the event", async () => {
  const event = eventOf(groups("premium"));
  const answer = await handler(structuredClone(event), {} as Context, () => {});
  expect({ ...answer, response: event.response }).toEqual(event);
});
