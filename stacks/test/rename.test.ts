import { globSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsStub, startAwsStub } from "../testing/aws-stub.ts";
import { type Clone, createClone } from "../testing/clone.ts";

/** A minute on a quiet machine. */
const TIMEOUT = 600_000;
let aws: AwsStub;
let clone: Clone;

beforeAll(async () => {
  aws = await startAwsStub();
  clone = await createClone(aws.url);
  await succeed("git init -q && git add -A && git -c user.name=a -c user.email=a@a.invalid commit -qm begin");
}, TIMEOUT);
afterAll(async () => {
  await clone[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
});

/** Types a line that must end well. Returns its output. */
async function succeed(line: string, options: Parameters<Clone["type"]>[1] = {}): Promise<string> {
  const { code, out, err } = await clone.type(line, options).end;
  expect(code, `${line}\n${out}${err}`).toBe(0);
  return out;
}

test("the product has another name everywhere after one command", { timeout: TIMEOUT }, async () => {
  // The packages are installed under their new names: from the store of this user, as the lockfile says.
  const env = { HOME: homedir(), npm_config_registry: undefined };
  const out = await succeed("npm run -s rename -- my-shop", { env });
  expect(out).toMatch(/\d{3} files say my-shop where they said cloud-design/);
  const left = await succeed(
    "git grep -il 'cloud-design' -- . ':!docs/questions.md' ':!packages/cli/src/rename.test.ts' || true",
  );
  expect(left).toBe("");
  const config = readFileSync(join(clone.directory, "sst.config.ts"), "utf8");
  expect(config).toContain('name: "my-shop"');
});

test("the renamed product passes the static checks", { timeout: TIMEOUT }, async () => {
  expect(await succeed("npm run -s check")).not.toContain("✘");
});

test("the renamed product has templates, and each name in them is the new one", {
  timeout: TIMEOUT,
}, async () => {
  await succeed("npm run -s sst -- build --stage prod", { folder: "docs" });
  const templates = globSync(".sst/dist/*.template.json", { cwd: clone.directory });
  expect(templates.length).toBeGreaterThan(15);
  const text = templates.map((name) => readFileSync(join(clone.directory, name), "utf8")).join("\n");
  expect(text).toContain("prod-my-shop-");
  expect(text).not.toMatch(/cloud-?design/i);
});

test.each(["My-Shop", "my_shop"])("the product cannot be called %s", { timeout: TIMEOUT }, async (name) => {
  const { code, err } = await clone.type(`npm run -s rename -- ${name}`).end;
  expect([code, err]).toEqual([1, expect.stringContaining(`The product cannot be called "${name}"`)]);
});
