import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts, type Launched, launch } from "@cloud-design/lab/launch";
import { portsFrom, ROOT } from "@cloud-design/local/platform/settings";
import { portOf } from "@cloud-design/local/platform/stamp";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { isFree } from "@cloud-design/local/supervisor/ports";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const SOON = { timeout: 60_000, interval: 100 };
const MOVIES = "/api/movies?limit=5";
/** Each process that checks tokens, with a path that it answers. */
const DOORS = { gateway: MOVIES, inventory: MOVIES, billing: `/api/billing/orders/ord_${"a".repeat(40)}` };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
/** CLOUD_DESIGN_LOCAL of both. */
let local: string;
let letter: string;
let first: Launched;
let second: Launched;

/** A stamp whose ports no other platform of this machine has. */
async function freeStamp(): Promise<string> {
  for (const letter of "zyxwvutsrqponmlkjihgfedcb") {
    const ports = Object.values(portsFrom(portOf(letter)));
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return letter;
  }
  throw new Error("every stamp is taken");
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  local = join(directory.path, "local");
  letter = await freeStamp();
  first = await launch(local, ["--no-seed", ...(await freePorts())]);
  const environment = { CLOUD_DESIGN_LOCAL: local };
  second = await launch(`${local}-${letter}`, ["--stamp", letter, "--no-seed"], environment);
});
afterAll(async () => {
  for (const { child, exited } of [first, second]) {
    child.kill("SIGTERM");
    await exited;
  }
  await directory[Symbol.asyncDispose]();
});

async function type(...args: string[]): Promise<string> {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: local };
  return (await run("npm", ["run", "-s", ...args], { cwd: ROOT, env })).stdout.trim();
}

async function ask({ platform }: Launched, part: keyof typeof DOORS, token: string, path = DOORS[part]) {
  const response = await fetch(`${platform.parts[part]?.url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, text: await response.text() };
}

async function post({ platform }: Launched, path: string, token: string, body: object): Promise<Response> {
  return fetch(`${platform.parts.gateway?.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

test("two stamps of one clone run side by side, and the same commands with the flag find the second", async () => {
  expect(second.platform.parts.gateway?.port).toBe(portOf(letter));
  // It says so after it has noted that all parts are up.
  await expect.poll(second.said, { timeout: 60_000 }).toContain(`token -- --stamp ${letter}`);
  const portOfGateway = async (...args: string[]) =>
    JSON.parse(await type("ops", "--", "ps", "--json", ...args)).find(
      ({ name }: { name: string }) => name === "gateway",
    )?.port;
  expect(await portOfGateway()).toBe(first.platform.parts.gateway?.port);
  expect(await portOfGateway("--stamp", letter)).toBe(portOf(letter));
  expect(await type("smoke", "--", "--stamp", letter)).toContain("recorded");
  const orders = (...args: string[]) =>
    type("ops", "--", "sql", "orders", "SELECT count(*) FROM orders", "--json", ...args).then(JSON.parse);
  expect(await orders("--stamp", letter)).toEqual([{ count: "1" }]);
  expect(await orders()).toEqual([{ count: "0" }]);
});

test("gateway, inventory and billing refuse the other stamp's tokens", async () => {
  const tokens = [await type("token"), await type("token", "--", "--stamp", letter)] as const;
  for (const [stamp, own, foreign] of [
    [first, tokens[0], tokens[1]],
    [second, tokens[1], tokens[0]],
  ] as const) {
    for (const door of Object.keys(DOORS) as (keyof typeof DOORS)[]) {
      expect([200, 404], door).toContain((await ask(stamp, door, own)).status);
      expect((await ask(stamp, door, foreign)).status, door).toBe(401);
    }
  }
});

test("a stamp does not know the movies and the orders of the other", async () => {
  const [ours, theirs] = [await type("token"), await type("token", "--", "--stamp", letter)];
  const movie = await post(first, "/api/movies", ours, { title: "Only in the first", description: "" });
  expect(movie.status).toBe(200);
  expect((await ask(first, "gateway", ours)).text).toContain("Only in the first");
  expect((await ask(second, "gateway", theirs)).text).not.toContain("Only in the first");

  const order = await post(first, "/api/billing", ours, { user_id: 1, number_of_items: 1, total_amount: 1 });
  const path = order.headers.get("location") ?? "";
  await expect.poll(async () => (await ask(first, "gateway", ours, path)).status, SOON).toBe(200);
  expect((await ask(second, "gateway", theirs, path)).status).toBe(404);
});

test("a malformed stamp is refused in one sentence, by a start and by a command", async () => {
  for (const command of ["start", "token"]) {
    const refused = run("npm", ["run", "-s", command, "--", "--stamp", "shop"], { cwd: ROOT });
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr:
        '--stamp takes one letter from b to z, not "shop": without it a command works on the first platform.\n',
    });
  }
});
