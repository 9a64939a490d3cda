import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { keptBy, unprotect } from "./removal.ts";
import { settingsOf } from "./stages.ts";
import { readApp, resourcesOf } from "./testing/app.ts";
import { STAGES } from "./testing/setup.ts";

const Database = z.object({
  DBInstanceIdentifier: z.string(),
  DeletionProtection: z.boolean().default(false),
});
const Balancer = z.object({
  LoadBalancerAttributes: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
const UserPool = z.object({ DeletionProtection: z.string() });

describe.each(STAGES)("the preview of removing %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const commands = unprotect(settingsOf(stage), { stage, region: "us-east-1" }).join("\n");

  it("names all that the templates keep, and nothing else", () => {
    const kept = app.resources.filter(({ deletionPolicy }) => deletionPolicy !== "Delete");
    expect(Object.keys(keptBy(settingsOf(stage))).sort()).toEqual(
      [...new Set(kept.map(({ type }) => type))].sort(),
    );
  });

  it("lifts the protection of what would refuse to go, and of nothing else", () => {
    const databases = resourcesOf(app, "AWS::RDS::DBInstance", Database)
      .filter(({ properties }) => properties.DeletionProtection)
      .map(({ properties }) => properties.DBInstanceIdentifier);
    expect([...commands.matchAll(/--db-instance-identifier (\S+)/g)].map(([, id]) => id).sort()).toEqual(
      databases.sort(),
    );
    const balancers = resourcesOf(app, "AWS::ElasticLoadBalancingV2::LoadBalancer", Balancer).filter(
      ({ properties }) =>
        properties.LoadBalancerAttributes.some(
          ({ Key, Value }) => Key === "deletion_protection.enabled" && Value === "true",
        ),
    );
    expect(commands.match(/modify-load-balancer-attributes/g) ?? []).toHaveLength(balancers.length);
    for (const { name } of balancers) expect(name).toMatch(/^Cluster\//); // where the command looks for it
  });

  it("need not speak of the user pool's protection, because a protected one stays", () => {
    for (const pool of resourcesOf(app, "AWS::Cognito::UserPool", UserPool)) {
      expect(pool.properties.DeletionProtection === "ACTIVE").toBe(
        pool.deletionPolicy === "RetainExceptOnCreate",
      );
    }
  });
});
