import { join } from "node:path";
import { LIVE_FUNCTIONS } from "@cloud-design/stage/environment";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import * as z from "zod";
import { type App, readApp, resourcesOf } from "../testing/app.ts";
import { type AwsStub, startAwsStub } from "../testing/aws-stub.ts";
import { environments } from "../testing/checks/environments.ts";
import { rolesOf } from "../testing/checks/iam.ts";
import { differences } from "../testing/checks/stages.ts";
import { createSstRoot, type SstRoot } from "../testing/sst-run.ts";

const SYNTH = join(import.meta.dirname, "../testing/synth-dev.ts");
const LambdaFunction = z.object({
  Handler: z.string().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
});
const deployed = readApp("dev", inject("outputs").dev);

let aws: AwsStub;
let root: SstRoot;
/** The stages that `sst dev` makes: one without live functions, one with all that may be live. */
const apps = {} as Record<"nothing" | "all", App>;

beforeAll(async () => {
  [aws, root] = [await startAwsStub(), await createSstRoot()];
  for (const [name, asked] of [
    ["nothing", ""],
    ["all", LIVE_FUNCTIONS.join(", ")],
  ] as const) {
    const output = join(root.directory, name);
    await root.node([SYNTH, "dev", output], { AWS_ENDPOINT_URL: aws.url, LIVE_FUNCTIONS: asked });
    apps[name] = readApp("dev", join(output, "build"));
  }
});
afterAll(async () => {
  await root[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
});

/** The resources that call the developer's machine. */
const stubsIn = (app: App) =>
  resourcesOf(app, "AWS::Lambda::Function", LambdaFunction).filter(
    ({ properties }) => properties.Environment?.Variables.SST_FUNCTION_ID !== undefined,
  );

test("without a request `sst dev` deploys what `sst deploy` deploys, and no function calls a laptop", () => {
  expect(stubsIn(apps.nothing)).toEqual([]);
  expect(differences(deployed, apps.nothing)).toEqual([]);
});

test("only the two of the API and the trigger of tokens can be live, so no deployment waits for a laptop", () => {
  expect(stubsIn(apps.all).map(({ name }) => name)).toEqual([
    "Identity/TokenScopes",
    "Gateway/Gateway",
    "Gateway/OrderGateway",
  ]);
});

/**
 * The differences: the stubs and their rights. A stub is called directly; a deployed gateway is called through the alias that a rollout moves.
 */
const OF_LIVE = [
  /^AWS::\S+ (Gateway\/(Order)?Gateway|Identity\/TokenScopes)(\/EventInvokeConfig|Role\/DefaultPolicy)?( |$)/,
  /^AWS::Lambda::(Version|Alias) Gateway\/((Order)?Gateway\/CurrentVersion|(Order)?Live)$/,
  /^AWS::\S+ Gateway\/(Order)?Rollout(\/|$)/,
  /^AWS::ApiGatewayV2::Integration Gateway\/.* properties IntegrationUri$/,
  /^AWS::Lambda::Permission Gateway\/(GET|POST) \S+\/ApiPermission\./,
  // The name of that permission contains the function or its alias.
  /^AWS::ApiGatewayV2::Stage Gateway\/Stage dependsOn \d+$/,
];

test("nothing but those differs from a deployed stage", () => {
  const lines = differences(deployed, apps.all);
  expect(lines.filter((line) => !OF_LIVE.some((pattern) => pattern.test(line)))).toEqual([]);
});

test("a live function has all rights on IoT and on SST's bucket, beside its own rights", () => {
  const before = rolesOf(deployed);
  for (const name of ["Gateway/GatewayRole", "Gateway/OrderGatewayRole", "Identity/TokenScopesRole"]) {
    expect(rolesOf(apps.all)[name]).toEqual({
      ...before[name],
      may: [
        ...(before[name]?.may ?? []),
        { actions: ["iot:*"], on: ["*"] },
        { actions: ["s3:*"], on: ["arn:aws:s3:::sst-bootstrap", "arn:aws:s3:::sst-bootstrap/*"] },
      ],
    });
  }
});

test("the live gateway calls the services through the local end of a tunnel", () => {
  const [, gateway] = stubsIn(apps.all);
  expect(gateway?.properties.Environment?.Variables).toMatchObject({
    INVENTORY_URL: "https://localhost:18080",
    BILLING_URL: "https://localhost:18081",
  });
});

test("every other process has its settings", () => {
  expect(environments(apps.nothing)).toEqual([]);
});
