import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployed } from "../packages/local/src/commands/smoke.ts";
import { type AccountStub, startAccountStub } from "./testing/account-stub.ts";
import { ACCOUNT } from "./testing/aws-stub.ts";
import { createSstRoot, type SstRoot } from "./testing/sst-run.ts";

/** Notes what it is told, and knows no image yet. */
const DOCKER = `#!/bin/sh
echo "$@" >> "$(dirname "$0")/docker.log"
[ "$1" != inspect ]
`;
const DEPENDENCIES = [
  ["Network", "Databases"],
  ["Firewall", "Site"],
  ["Api", "Site"],
  ["Databases", "Inventory"],
  ["Broker", "Billing"],
  ["Inventory", "Gateway"],
  ["Billing", "Gateway"],
  ["Orders", "Gateway"],
  ["Gateway", "Status"],
] as const;

describe("the real `sst deploy`, with an account where all goes well", () => {
  let account: AccountStub;
  let root: SstRoot;
  let created: string[];
  const type = (...args: string[]) =>
    root.sst(args, { AWS_ENDPOINT_URL: account.url, CDK_DOCKER: join(root.directory, "docker") });

  beforeAll(async () => {
    account = await startAccountStub();
    root = await createSstRoot();
    await writeFile(join(root.directory, "docker"), DOCKER);
    await chmod(join(root.directory, "docker"), 0o755);
    await type("deploy", "--stage", "dev");
    created = [...account.stacks.keys()].map((name) => name.replace("dev-cloud-design-", ""));
  }, 120_000);

  afterAll(async () => {
    await root[Symbol.asyncDispose]();
    await account[Symbol.asyncDispose]();
  });

  it("makes every stack, each after those that it needs, by CloudFormation's own role", async () => {
    const config = await readFile(join(root.directory, "sst.config.ts"), "utf8");
    const stacks = [...config.matchAll(/\.stack\((\w+)\)/g)].map(([, name]) => name);
    expect(created.toSorted()).toEqual(stacks.toSorted());
    for (const [first, second] of DEPENDENCIES) {
      expect(created.indexOf(first)).toBeLessThan(created.indexOf(second));
    }
    for (const { roleArn } of account.stacks.values()) {
      expect(roleArn).toBe(`arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-us-east-1`);
    }
    expect(account.unknown).toEqual([]);
  });

  it("builds both images for arm64 and puts them into the registry", async () => {
    const log = await readFile(join(root.directory, "docker.log"), "utf8");
    for (const service of ["inventory", "billing"]) {
      expect(log).toMatch(
        new RegExp(`^build .*--file packages/containers/${service}/Dockerfile .*--platform linux/arm64`, "m"),
      );
    }
    expect(log.match(/^push registry\.example\.com\/assets:/gm)).toHaveLength(2);
  });

  it("leaves the outputs where the smoke test looks for them", () => {
    expect(deployed("dev", root.directory).siteUrl).toBe("https://siteurl.example.com");
  });

  it("is undone by `sst remove`", { timeout: 120_000 }, async () => {
    await type("remove", "--stage", "dev");
    expect([...account.stacks.keys()]).toEqual([]);
    expect(account.unknown).toEqual([]);
  });
});
