import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { A_READ, CPU_MS } from "@cloud-design/stage/measured";
import { expect, test } from "vitest";
import { MIX } from "../load/scenarios.ts";

const page = readFileSync(join(ROOT, "docs/performance.md"), "utf8");

test.each([
  ["GET movie by id, 32 clients", "movie"],
  ["POST movie, 32 clients", "write"],
  ["GET by title, 16 clients", "search"],
  ["GET list of 1,000, 16 clients", "list"],
  ["orders recorded from a backlog of 20,000", "order"],
] as const)("the limits count with the CPU time of %s that the bench has measured", (name, kind) => {
  const row = page.split("\n").find((line) => line.startsWith(`| ${name} (`));
  expect(Number(/CPU ([\d.]+) ms\)/.exec(row ?? "")?.[1])).toBe(CPU_MS[kind]);
});

test("they count with the bench's CPU time of an order in the gateway", () => {
  const [, measured] = /^\| gateway: CPU time of a later order \| ([\d.]+) /m.exec(page) ?? [];
  expect(Number(measured)).toBe(CPU_MS.acceptance);
});

test("they count with the mix of the load test", () => {
  const reads = MIX.movie + MIX.list + MIX.search;
  expect(A_READ).toEqual({
    movie: MIX.movie / reads,
    list: MIX.list / reads,
    search: MIX.search / reads,
    write: MIX.write / reads,
  });
});
