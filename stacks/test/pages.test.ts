import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PAGE_KEY, PROBE_KEYS } from "@cloud-design/functions/shared/status-keys";
import { CACHE_CONTROL } from "@cloud-design/site/headers";
import { siteDirectory } from "@cloud-design/site/site-directory";
import { FIRST_STATUS_PAGE } from "@cloud-design/status";
import { describe, expect, inject, test } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";
import { STAGES } from "../testing/setup.ts";

const Deployment = z.object({
  Prune: z.boolean(),
  Exclude: z.array(z.string()).default([]),
  Include: z.array(z.string()).default([]),
  SourceMarkers: z.array(z.record(z.string(), z.string())).default([]),
  SystemMetadata: z.object({ "cache-control": z.string(), "content-type": z.string().optional() }),
});
const Domain = z.object({ Domain: z.string() });
const deployments = resourcesOf(
  readApp("prod", inject("outputs").prod),
  "Custom::CDKBucketDeployment",
  Deployment,
);

function deployment(id: string) {
  const [found] = deployments.filter(({ name }) => name.startsWith(`Site/${id}/`));
  if (!found) throw new Error(`There is no deployment ${id}.`);
  return found;
}

test("the first status page is the same in every build, so that it is written once", () => {
  const built = readFileSync(join(siteDirectory(), PAGE_KEY), "utf8");
  expect(built).toBe(FIRST_STATUS_PAGE);
});

test.each(STAGES)("the documents on the site of %s name its own token address", (stage) => {
  const outputs = inject("outputs")[stage];
  const [domain] = resourcesOf(readApp(stage, outputs), "AWS::Cognito::UserPoolDomain", Domain);
  const tokenUrl = `https://${domain?.properties.Domain}.auth.us-east-1.amazoncognito.com/oauth2/token`;
  const [openapi = "", ...others] = globSync(`${outputs}/asset.*/openapi.json`);
  expect(others).toEqual([]);
  for (const path of ["openapi.json", "postman_collection.json", "requests.http", "reference/index.html"]) {
    const text = readFileSync(join(dirname(openapi), path), "utf8");
    expect(text, path).toContain(tokenUrl);
    expect(text, path).not.toContain("localhost:9000");
  }
});

describe("a deployment of the site", () => {
  test("leaves the objects of the status probe alone", () => {
    const writing = deployments.filter(({ properties }) => !properties.Exclude.includes("*"));
    const careless = writing.filter(
      ({ properties }) => !PROBE_KEYS.every((key) => properties.Exclude.includes(key)),
    );
    // The deployment of the first page writes only that page and removes nothing. It runs once, since the page is a constant.
    expect(careless.map(({ name, properties }) => [name.split("/")[1], properties.Prune])).toEqual([
      ["DeployFirstStatus", false],
    ]);
  });

  test("keeps the files of older pages, and lets browsers cache them for good", () => {
    const { properties } = deployment("DeployAssets");
    expect(properties).toMatchObject({
      Prune: false,
      Exclude: ["*"],
      Include: ["assets/*", "status/status.*.css", "status/status.*.js"],
      SystemMetadata: { "cache-control": CACHE_CONTROL.asset },
    });
    expect(deployment("DeployPages").properties.Exclude).toEqual(expect.arrayContaining(properties.Include));
  });

  test("sets the content type of the one file whose type S3 does not know", () => {
    const { properties } = deployment("DeployRequests");
    expect(properties).toMatchObject({
      Prune: false,
      Exclude: ["*"],
      Include: ["requests.http"],
      SystemMetadata: { "content-type": "text/plain; charset=utf-8" },
    });
    expect(deployment("DeployPages").properties.Exclude).toContain("requests.http");
  });

  test("puts the site's own address into the collections, which are built before CloudFront gives it", () => {
    for (const id of ["DeployPages", "DeployRequests"]) {
      const known = deployment(id).properties.SourceMarkers.flatMap((markers) => Object.values(markers));
      expect(known).toContain("<Site/Distribution.DomainName>");
    }
  });

  test("removes old pages, has the others revalidated each time, and copies the files that they load first", () => {
    const { properties, dependsOn } = deployment("DeployPages");
    expect(properties).toMatchObject({
      Prune: true,
      SystemMetadata: { "cache-control": CACHE_CONTROL.page },
    });
    expect(dependsOn.some((name) => name.startsWith("Site/DeployAssets/"))).toBe(true);
  });
});
