import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BROKER,
  BROKER_CONTAINER,
  DATABASES,
  DISTRIBUTION,
  FUNCTIONS,
  isThis,
  QUEUES,
  SERVICES,
} from "@cloud-design/stage/parts";
import { expect, inject, test } from "vitest";
import { STAGES } from "../testing/setup.ts";

const ALL = [
  ...Object.values(FUNCTIONS).flatMap(({ resource, logs }) => [resource, logs]),
  ...Object.values(SERVICES).flatMap(({ resource, logs }) => [resource, logs]),
  ...Object.values(QUEUES),
  DISTRIBUTION,
];
const AMAZON_MQ = [BROKER];
const CONTAINER = [BROKER_CONTAINER.resource, BROKER_CONTAINER.logs];

function resourcesIn(stage: (typeof STAGES)[number], stack: string) {
  const file = join(inject("outputs")[stage], `${stage}-cloud-design-${stack}.template.json`);
  const { Resources } = JSON.parse(readFileSync(file, "utf8")) as {
    Resources: Record<string, { Type: string }>;
  };
  return Object.entries(Resources).map(([id, { Type: type }]) => ({ id, type }));
}

test.each(STAGES)("the commands for a stage find each part of %s by its own name", (stage) => {
  const counts = [...ALL, ...(stage === "learner" ? CONTAINER : AMAZON_MQ)].map((made) => [
    `${made.stack} ${made.type} ${made.id}`,
    resourcesIn(stage, made.stack).filter((resource) => isThis(made, resource)).length,
  ]);
  expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  for (const noun of ["inventory", "billing"]) {
    const servers = resourcesIn(stage, DATABASES.stack).filter(
      ({ type, id }) => type === DATABASES.server && id.includes(noun),
    );
    expect(servers).toHaveLength(1);
  }
});

test("every function of a stage is a part", () => {
  const helpers = /^(AWS|Custom|LogRetention)/;
  for (const { stack } of ALL) {
    for (const { id, type } of resourcesIn("prod", stack)) {
      if (type !== "AWS::Lambda::Function" || helpers.test(id)) continue;
      expect(
        ALL.some((made) => isThis(made, { id, type })),
        `${stack} ${id}`,
      ).toBe(true);
    }
  }
});
