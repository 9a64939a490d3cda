import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { expect, inject, test, vi } from "vitest";
import * as z from "zod";
import { PROMETHEUS_NAMES } from "../repository/prometheus-names.ts";
import { findPromtool } from "../setup/promtool.ts";
import { call, platform, SOON } from "./client.ts";
import { newUserId, publishForeign } from "./stores.ts";

const { metrics: urls } = z.object({ metrics: z.record(z.string(), z.url()) }).parse(inject("platform"));
const MEASURED = Object.keys(urls);
/** Series that exist only after a fault. */
const OF_FAULTS = [
  "database.pool.discarded",
  "requests.shed",
  "orders.held_back",
  "broker.reconnects",
  "broker.confirms_timed_out",
];

async function metricsOf(part: string): Promise<string> {
  const answer = await fetch(urls[part] ?? "");
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  return answer.text();
}

const metrics = async () => (await Promise.all(MEASURED.map(metricsOf))).join("\n");
const seriesIn = (text: string) => text.split("\n").filter((line) => /^\w/.test(line));

test("exactly the metrics of the table can be read, under the names that rules and dashboard use", async () => {
  const order = { user_id: newUserId(), number_of_items: 1, total_amount: "1" };
  const key = { "idempotency-key": newUserId().toString() };
  for (let times = 0; times < 2; times++) await call("POST", "/api/billing", { body: order, headers: key });
  await call("GET", "/api/movies");
  await publishForeign({ no: "order" });
  const names = Object.entries(PROMETHEUS_NAMES).filter(([name]) => !OF_FAULTS.includes(name));
  await vi.waitFor(async () => {
    const text = await metrics();
    const missing = names
      .flatMap(([, names]) => names)
      .filter((name) => !new RegExp(`^${name}[ {]`, "m").test(text));
    expect(missing).toEqual([]);
  }, SOON);
  const known = new Set([...Object.values(PROMETHEUS_NAMES).flat(), "target_info"]);
  const shown = seriesIn(await metrics()).map((line) => /^\w+/.exec(line)?.[0] ?? "");
  expect(shown.filter((name) => !known.has(name))).toEqual([]);
  console.info(`${new Set(shown).size} names, ${shown.length} series`);
});

test("each part's answer is in Prometheus's format", async () => {
  const promtool = await findPromtool(() => {});
  for (const part of MEASURED) {
    const checking = promisify(execFile)(promtool, ["check", "metrics"]);
    checking.child.stdin?.end(await metricsOf(part));
    expect(await checking, part).toEqual({ stdout: "", stderr: "" });
  }
});

test("a flood of paths, methods, ids and parameters makes at most one series for each route", async () => {
  const random = () => randomBytes(6).toString("hex");
  const flood = async (at: string | undefined, count: number) => {
    const requests = Array.from(
      { length: count },
      (_, index) =>
        [
          ["GET", "PUT", "DELETE", `M${random().toUpperCase()}`][index % 4] ?? "",
          [
            `/${random()}`,
            `/api/movies/${random()}`,
            `/api/${random()}/${random()}?${random()}=1`,
            `/api/billing/orders/${random()}`,
          ][(index >> 2) % 4] ?? "",
        ] as const,
    );
    for (let from = 0; from < count; from += 50)
      await Promise.all(
        requests
          .slice(from, from + 50)
          .map(([method, path]) => call(method, path, { at, as: "reader" }).catch(() => {})),
      );
  };
  for (const part of ["inventory", "billing", "gateway"]) {
    await flood(platform.parts[part]?.url, 700);
    const text = await metricsOf(part);
    const series = text.match(/^http_server_request_duration_count\{.*$/gm) ?? [];
    expect(series, part).not.toEqual([]);
    expect(series.length, part).toBeLessThan(100);
    expect(text).not.toMatch(/="[0-9a-f]{12}|"M[0-9A-F]{12}/);
    console.info(`${part}: ${series.length} of requests, ${seriesIn(text).length} in all`);
  }
});
