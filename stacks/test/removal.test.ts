import { GOES, LOOKS } from "@cloud-design/stage/receipt/looks";
import { keptBy } from "@cloud-design/stage/removal";
import { settingsOf } from "@cloud-design/stage/settings";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { presetOfStage, type Resource, readApp, resourcesOf } from "../testing/app.ts";
import { STAGES } from "../testing/setup.ts";

const UserPool = z.object({ DeletionProtection: z.string() });
/** The property that `protection.ts` asks for, and the stacks in which `npm run remove` asks. */
const ASKED_FOR_PROTECTION = {
  "AWS::ElasticLoadBalancingV2::LoadBalancer": "Cluster",
  "AWS::RDS::DBInstance": "Databases",
};

describe.each(STAGES)("the removal of %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);

  it("lists in its preview exactly the resources that the templates keep", () => {
    const kept = app.resources.filter(({ deletionPolicy }) => deletionPolicy !== "Delete");
    expect(Object.keys(keptBy(settingsOf(presetOfStage(stage)))).sort()).toEqual(
      [...new Set(kept.map(({ type }) => type))].sort(),
    );
  });

  it("need not lift the user pool's protection, because a protected one stays", () => {
    for (const pool of resourcesOf(app, "AWS::Cognito::UserPool", UserPool)) {
      expect(pool.properties.DeletionProtection === "ACTIVE").toBe(
        pool.deletionPolicy === "RetainExceptOnCreate",
      );
    }
  });

  it("asks for the protection of every resource that the templates protect, unless it stays", () => {
    const isProtected = ({ properties }: Resource) =>
      /"DeletionProtection":(true|"ACTIVE")|"deletion_protection.enabled","Value":"true"/.test(
        JSON.stringify(properties),
      );
    const asked = app.resources.filter(
      (resource) => isProtected(resource) && resource.deletionPolicy !== "RetainExceptOnCreate",
    );
    const stacksByType = Object.fromEntries(asked.map(({ type, name }) => [type, name.split("/")[0]]));
    expect(stacksByType).toEqual(stage === "prod" ? ASKED_FOR_PROTECTION : {});
  });

  it("is followed by a look for every resource that the templates keep", () => {
    const looked = LOOKS.flatMap(({ types }) => types);
    expect(looked).toEqual(expect.arrayContaining(Object.keys(keptBy(settingsOf(presetOfStage(stage))))));
  });
});

it("each type in the templates is looked for, or has a reason why it cannot be left behind", () => {
  const types = STAGES.flatMap((stage) => readApp(stage, inject("outputs")[stage]).resources).map(
    ({ type }) => type,
  );
  const told = [...LOOKS.flatMap((look) => look.types), ...Object.keys(GOES)];
  expect(told.sort()).toEqual([...new Set(types)].sort());
});

it("the ARNs of each service belong to exactly one look", () => {
  const namespaces = LOOKS.flatMap((look) => look.namespaces);
  expect(namespaces).toEqual([...new Set(namespaces)]);
});
