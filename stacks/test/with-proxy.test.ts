import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import * as z from "zod";
import { type App, readApp } from "../testing/app.ts";
import { startAwsStub } from "../testing/aws-stub.ts";
import { connections } from "../testing/checks/connections.ts";
import { differences } from "../testing/checks/stages.ts";
import { PROXY_DIFFERENCES } from "../testing/explained-differences.ts";
import { buildTemplates, createSstRoot, type SstRoot } from "../testing/sst-run.ts";

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ properties: z.object({ tags: z.record(z.string(), z.string()).optional() }).optional() }),
  ),
});
const learner = inject("outputs").learner;

let root: SstRoot;
let directory: string;
let withProxy: App;

beforeAll(async () => {
  await using aws = await startAwsStub();
  root = await createSstRoot();
  directory = await buildTemplates(root, "learner", aws.url, { PRESET: "learner", WITH: "proxy" });
  withProxy = readApp("learner", directory);
});
afterAll(() => root[Symbol.asyncDispose]());

/** The tags of a stage's network, by which the next deployment knows what it is made of. */
function remembered(templates: string): Record<string, string> {
  const { artifacts } = Manifest.parse(JSON.parse(readFileSync(join(templates, "manifest.json"), "utf8")));
  return artifacts["learner-cloud-design-Network"]?.properties?.tags ?? {};
}

test("WITH=proxy puts RDS Proxy before a learner's server, and changes nothing else", () => {
  expect(withProxy.resources.filter(({ type }) => type === "AWS::RDS::DBProxy")).toHaveLength(1);
  const lines = differences(readApp("learner", learner), withProxy);
  expect(lines.filter((line) => !PROXY_DIFFERENCES.some((pattern) => pattern.test(line)))).toEqual([]);
  expect(connections(withProxy)).toEqual([]);
});

test("a stage remembers its preset, and the proxy only while it has one", () => {
  expect(remembered(learner)).toMatchObject({ "cloud-design:preset": "learner" });
  expect(remembered(learner)).not.toHaveProperty("cloud-design:with");
  expect(remembered(directory)).toMatchObject({
    "cloud-design:preset": "learner",
    "cloud-design:with": "proxy",
  });
});
