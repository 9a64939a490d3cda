import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { freePorts, type Launched, launch } from "@cloud-design/lab/launch";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { type PlatformFile, readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { isRunning } from "@cloud-design/local/supervisor/process-table";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";

const Servers = z.object({
  databases: z.object({ movies: z.object({ adminUrl: z.url() }), orders: z.object({ adminUrl: z.url() }) }),
  broker: z.object({ url: z.url() }),
});

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let flags: string[];
let running: Launched;

beforeAll(async () => {
  directory = await temporaryDirectory();
  flags = ["--no-seed", ...(await freePorts())];
  running = await launch(directory.path, flags);
});
afterAll(async () => {
  running.child.kill("SIGTERM");
  await running.exited;
  await directory[Symbol.asyncDispose]();
});

async function call(method: string, path: string, body?: object, on = running): Promise<Response> {
  const { parts } = on.platform;
  const { accessToken: token } = await accessToken({ identityUrl: parts.identity?.url ?? "", user: "admin" });
  return fetch(`${parts.gateway?.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function titles(on = running): Promise<string[]> {
  const response = await call("GET", "/api/movies", undefined, on);
  return ((await response.json()) as { title: string }[]).map(({ title }) => title);
}

/** The living processes of the platform: its supervisor and all parts. */
function alive({ supervisor, parts }: PlatformFile): string[] {
  const all = Object.entries({ ...parts, supervisor });
  return all.flatMap(([name, { pid, startedAt }]) =>
    pid && startedAt && isRunning({ pid, startedAt }) ? name : [],
  );
}

const gone = (platform: PlatformFile) => expect.poll(() => alive(platform)).toEqual([]);
const kill = (child: ChildProcess, signal: NodeJS.Signals) => child.kill(signal);

test("films, tokens and an order that billing has not seen outlive a stop of the whole platform", async () => {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: directory.path };
  const stop = ["run", "-s", "ops", "--", "stop", "billing", "order-bridge"];
  await call("POST", "/api/movies", { title: "Playtime", description: "" });
  await promisify(execFile)("npm", stop, { cwd: ROOT, env });
  const response = await call("POST", "/api/billing", { user_id: 1, number_of_items: 1, total_amount: 1 });
  expect(response.status).toBe(200);
  const before = running.platform;
  expect(alive(before)).toHaveLength(14);

  kill(running.child, "SIGTERM");
  await running.exited;
  await gone(before);
  running = await launch(directory.path, flags);
  expect(await titles()).toEqual(["Playtime"]);
  const order = async () => (await call("GET", response.headers.get("location") ?? "")).json();
  await expect.poll(order).toMatchObject({ status: "recorded" });
});

test.each(["supervisor", "npm"])(
  "kill -9 of the %s leaves no process behind, and the next start works",
  async (victim) => {
    const before = running;
    if (victim === "npm") kill(running.child, "SIGKILL");
    else process.kill(running.platform.supervisor.pid, "SIGKILL");
    await before.exited;
    running = await launch(directory.path, flags);
    await gone(before.platform);
    expect(await titles()).toEqual(["Playtime"]);
  },
);

test("Ctrl-C while a part starts leaves no process behind, and the next start works", {
  timeout: 300_000,
}, async () => {
  kill(running.child, "SIGTERM");
  await running.exited;
  for (const name of ["inventory-database", "rabbitmq", "site", "billing"])
    await interruptWhileStarting(name);
  running = await launch(directory.path, flags);
  expect(await titles()).toEqual(["Playtime"]);
});

async function interruptWhileStarting(name: string): Promise<void> {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: directory.path };
  // A process group of its own, as at a terminal: Ctrl-C reaches each of its processes.
  const child = spawn("npm", ["start", "--", ...flags], { cwd: ROOT, env, detached: true, stdio: "ignore" });
  const exited = once(child, "exit");
  const isStarting = () => {
    const part = readPlatform(directory.path)?.parts[name];
    return part?.state === "starting" && part.pid !== null;
  };
  await expect.poll(isStarting, { timeout: 60_000, interval: 5 }).toBe(true);
  const interrupted = readPlatform(directory.path);
  process.kill(-(child.pid ?? 0), "SIGINT");
  await exited;
  const { parts = {}, state } = readPlatform(directory.path) ?? {};
  expect(interrupted && alive(interrupted), name).toEqual([]);
  expect([state, ...Object.values(parts).map((part) => part.state)], name).toEqual(
    Array(Object.keys(parts).length + 1).fill("stopped"),
  );
}

test("servers in the environment are used, and not started", async () => {
  await using elsewhere = await temporaryDirectory();
  const { databases, broker } = Servers.parse(running.platform);
  const second = await launch(elsewhere.path, ["--no-seed", ...(await freePorts())], {
    DATABASE_URL_MOVIES: databases.movies.adminUrl,
    DATABASE_URL_ORDERS: databases.orders.adminUrl,
    AMQP_URL: broker.url,
  });
  const { rabbitmq, ...parts } = second.platform.parts;
  expect([parts["inventory-database"]?.state, parts["billing-database"]?.state, rabbitmq?.state]).toEqual(
    Array(3).fill("external"),
  );
  expect(await titles(second)).toEqual(["Playtime"]);
  kill(second.child, "SIGTERM");
  await second.exited;
});

test("--fresh begins anew", async () => {
  kill(running.child, "SIGTERM");
  await running.exited;
  running = await launch(directory.path, [...flags, "--fresh"]);
  expect(await titles()).toEqual([]);
});

// A thousand requests, one after the other, and an import.
test("seeding loads 800 films once, or all 3,201", async () => {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: directory.path };
  const seed = (...flags: string[]) =>
    promisify(execFile)("npm", ["run", "-s", "seed", "--", ...flags], { cwd: ROOT, env });
  const remove = async () => (await call("DELETE", "/api/movies")).json();
  await seed();
  expect((await seed()).stdout).toContain("There are movies already");
  // The first step of the exercise's audit, as a person would check it: a new movie is in the answer, with the demo data too.
  const film = { title: "Playtime", description: "Comedy, 1967." };
  const created = await (await call("POST", "/api/movies", film)).json();
  expect(created).toMatchObject(film);
  const response = await call("GET", "/api/movies");
  const listed: unknown = await response.json();
  expect(listed).toHaveLength(801);
  expect(listed).toContainEqual(created);
  expect(response.headers.get("link")).toBeNull();
  expect(await remove()).toEqual({ deleted: 801 });

  await seed("--all");
  await call("POST", "/api/movies", film);
  const [newest] = await titles();
  expect(newest).toBe("Playtime");
  expect(await remove()).toEqual({ deleted: 3_202 });
});
