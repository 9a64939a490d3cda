import { setTimeout as sleep } from "node:timers/promises";
import { freePorts, type Launched, launch } from "@cloud-design/lab/launch";
import { freePort } from "@cloud-design/local/servers/free-port";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { askControl } from "@cloud-design/local/supervisor/control";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { isRunning } from "@cloud-design/local/supervisor/process-table";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { stepsOf } from "../repository/pages.ts";
import { typePage } from "../repository/typed-page.ts";

const SERVICES = ["inventory", "billing"] as const;
const COPIES = SERVICES.flatMap((noun) => [`${noun}-1`, `${noun}-2`]);
const COPY_PORTS = 16;
const SOON = { timeout: 60_000, interval: 50 };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let running: Launched;
let headers: Record<string, string>;
/** Where the status of an order is. */
let orderPath: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const flags = [...(await freePorts()), "--copies-port", `${await freeBlock()}`];
  running = await launch(directory.path, ["--no-seed", "--inventory", "2", "--billing", "2", ...flags]);
  const identityUrl = running.platform.parts.identity?.url ?? "";
  const { accessToken: token } = await accessToken({ identityUrl, user: "ordinary" });
  headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  orderPath = (await placeOrder()).headers.get("location") ?? "";
});
afterAll(async () => {
  running.child.kill("SIGTERM");
  await running.exited;
  await directory[Symbol.asyncDispose]();
});

const MOVIE = { title: "Playtime", description: "" };
const ORDER = { user_id: 1, number_of_items: 1, total_amount: 1 };
const posted = (body: object) => ({ method: "POST", headers, body: JSON.stringify(body) });

/** The first of as many free ports in a row as the copies may need. */
async function freeBlock(): Promise<number> {
  const ports: number[] = [];
  while (ports.length < COPY_PORTS) ports.push(await freePort());
  const first = ports[0] ?? 0;
  return ports.at(-1) === first + COPY_PORTS - 1 ? first : freeBlock();
}

function partOf(name: string) {
  const part = readPlatform(directory.path)?.parts[name];
  if (part === undefined) throw new Error(`there is no part ${name}`);
  return part;
}

function urlOf(part: string, path: string): string {
  return partOf(part).url + path;
}

/** Sends these requests over and over until it is stopped; answers with each failure. */
function load(...requests: (() => Promise<Response>)[]) {
  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  const loops = requests.map(async (send) => {
    while (!isOver) {
      const said = await send().then(
        async (response) => (await response.text()) && response.status,
        (error: Error) => `${error.cause ?? error}`,
      );
      if (said !== 200) failures.push(`${send} ${said}`);
      answered++;
      await sleep(25);
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(loops);
    return { failures, answered };
  };
}

const readMovies = () => fetch(urlOf("gateway", "/api/movies?limit=1"), { headers });
const readOrder = () => fetch(urlOf("gateway", orderPath), { headers });
const placeOrder = () => fetch(urlOf("gateway", "/api/billing"), posted(ORDER));
// Nothing repeats these: the balancers alone keep them from failing.
const createMovie = () => fetch(urlOf("gateway", "/api/movies"), posted(MOVIE));
const readOrderOnce = () => fetch(urlOf("billing", orderPath), { headers });

test("each copy is a part, listed by the summary, and takes its turn behind the service's port", async () => {
  const { parts, metrics } = z
    .object({
      parts: z.record(z.string(), z.object({ port: z.number() })),
      metrics: z.record(z.string(), z.url()),
    })
    .parse(running.platform);
  for (const noun of SERVICES) {
    const [one, two] = [parts[`${noun}-1`]?.port, parts[`${noun}-2`]?.port];
    expect(running.said()).toContain(
      `port ${parts[noun]?.port} balances ${noun}-1 on ${one}, ${noun}-2 on ${two}`,
    );
  }
  await expect.poll(() => readOrder().then(({ status }) => status), SOON).toBe(200);
  for (let turn = 0; turn < 4; turn++) await Promise.all([createMovie(), readOrderOnce()]);
  for (const name of COPIES) {
    const text = await (await fetch(metrics[name] ?? "")).text();
    expect(text, name).toMatch(/^http_server_request_duration_count\{.*http_route="\/api\/.*\} [1-9]/m);
  }
});

test("a kill -9 of a copy of each service fails no read, no status and no order", async () => {
  const stop = load(readMovies, readOrder, placeOrder);
  const killed = ["inventory-1", "billing-2"].map((name) => ({ name, pid: partOf(name).pid ?? 0 }));
  for (const { pid } of killed) process.kill(pid, "SIGKILL");
  const again = () =>
    killed.map(({ name, pid }) => partOf(name).state === "running" && partOf(name).pid !== pid);
  await expect.poll(again, SOON).toEqual([true, true]);
  const { failures, answered } = await stop();
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(killed.length);
});

test("a rolling restart replaces every copy without a failed request, also of those that nothing repeats", async () => {
  const before = COPIES.map((name) => partOf(name).pid);
  const doors = SERVICES.map((name) => partOf(name).pid);
  const stop = load(createMovie, readOrderOnce, placeOrder);
  await Promise.all(SERVICES.map((noun) => askControl(directory.path, "POST", `/parts/${noun}/restart`)));
  expect((await stop()).failures).toEqual([]);
  const after = COPIES.map((name) => partOf(name).pid);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  expect(SERVICES.map((name) => partOf(name).pid)).toEqual(doors);
});

test("the commands of the tutorial give the answers that it shows", async () => {
  const steps = stepsOf("docs/tutorials/two-of-each.md");
  expect(steps.length).toBeGreaterThan(5);
  await typePage(steps, directory.path);
});

test("a stop leaves no process behind", async () => {
  const { supervisor, parts } = readPlatform(directory.path) ?? running.platform;
  running.child.kill("SIGTERM");
  await running.exited;
  const left = Object.entries({ ...parts, supervisor }).filter(
    ([, { pid, startedAt }]) => pid && startedAt && isRunning({ pid, startedAt }),
  );
  expect(left).toEqual([]);
  expect(running.said()).toContain("stopped");
});
