import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { usdOf } from "@cloud-design/stage/bill/bill";
import { IDLE } from "@cloud-design/stage/bill/idle";
import { MONTH_OF, totalOf } from "@cloud-design/stage/prices";
import { expect, test } from "vitest";
import type { Figures } from "./figures.ts";
import { hopsOf, inOrderOfBreaking, type Load, shareOf } from "./hops.ts";
import { forPrograms, limitRows, verdict } from "./report.ts";

const FIGURES: Figures = {
  perAddress: { Limit: 3_000, EvaluationWindowSec: 300 },
  throttle: (route) => (route === "POST /api/billing" ? 100 : 500),
  reserved: { gateway: 500, orderGateway: 100 },
  bridge: { batch: 10, atOnce: 15 },
  inventory: { min: 2, max: 6, msPerSecond: 250 },
  billing: { min: 2, max: 6, msPerSecond: 250 },
  databases: {
    inventory: { className: "db.t4g.small", gigabytes: 100, cores: 2, includedShare: 0.2, iops: 1_000 },
    billing: { className: "db.t4g.small", gigabytes: 100, cores: 2, includedShare: 0.2, iops: 1_000 },
  },
  isShared: false,
};
const hops = hopsOf(FIGURES);
const firstToBreak = (of: typeof hops, load: Load) => inOrderOfBreaking(of, load)[0];
const named = (name: string) => {
  const hop = hops.find((each) => each.name === name);
  if (!hop) throw new Error(`no hop ${name}`);
  return hop;
};

test("a load that is at a route's throttle uses all of it, and half of it uses half", () => {
  const orders = named("POST /api/billing");
  expect(shareOf(orders, { reads: 500, orders: 100 })).toBe(1);
  expect(shareOf(orders, { reads: 500, orders: 50 })).toBe(0.5);
  expect(shareOf(orders, { reads: 5_000, orders: 0 })).toBe(0);
});

test("a read brings its share of lists, searches and writes", () => {
  const shares = ["GET /api/movies", "GET /api/movies/{id}", "POST /api/movies", "Lambda: gateway"].map(
    (name) => shareOf(named(name), { reads: 800, orders: 0 }) * named(name).ceiling,
  );
  expect(shares.map(Math.round)).toEqual([300, 500, 50, 800]);
});

test("the first to break is the hop of which the load uses most, whatever stands before it", () => {
  expect(firstToBreak(hops, { reads: 1, orders: 100 })).toBe(named("POST /api/billing"));
  expect(firstToBreak(hops, { reads: 500, orders: 1 })).toBe(named("GET /api/movies/{id}"));
  const wide = hopsOf({ ...FIGURES, throttle: () => Infinity, bridge: { batch: 1, atOnce: 2 } });
  expect(firstToBreak(wide, { reads: 1, orders: 100 })?.name).toBe("Lambda: order-bridge");
});

test("the firewall's rule for one address, a frozen inventory and a disk that fills do not count as the first to break", () => {
  const load = { reads: 500, orders: 100 };
  const said = hops.flatMap(({ name, aside }) => (aside ? [[name, aside(load)]] : []));
  expect(said).toEqual([
    ["Firewall, each address", "60 addresses"],
    ["Lambda: gateway, inventory frozen", "full, orders pass"],
    ["Orders database: disk", expect.stringMatching(/^full after \d+ days$/)],
  ]);
});

test("while inventory is frozen, orders pass only if their function has a concurrency of its own", () => {
  const said = (reserved: Figures["reserved"], reads: number) =>
    hopsOf({ ...FIGURES, reserved })
      .find(({ name }) => name.endsWith("inventory frozen"))
      ?.aside?.({ reads, orders: 1 });
  const alone = { gateway: 500, orderGateway: 100 };
  expect([said(alone, 83), said(alone, 84)]).toEqual(["reads wait, orders pass", "full, orders pass"]);
  const shared = { gateway: undefined, orderGateway: undefined };
  expect([said(shared, 166), said(shared, 167)]).toEqual([
    "reads wait, orders pass",
    "full, orders fail too",
  ]);
});

test("a larger setting raises its own ceiling and no other", () => {
  const wider = hopsOf({ ...FIGURES, inventory: { ...FIGURES.inventory, max: 12 } });
  const changed = wider.filter(({ ceiling }, index) => ceiling !== hops[index]?.ceiling);
  expect(changed.map(({ name }) => name)).toEqual([
    "Inventory: reads",
    "Inventory: default lists",
    "Inventory: connections",
  ]);
});

test("the table marks the first to break at each load, and the sentence says how much it takes", () => {
  const load = { reads: 500, orders: 100 };
  const rows = limitRows(hops, load);
  const marked = rows.filter(
    ([, , once, tenTimes]) => /^first: /.test(`${once}`) || /^first: /.test(`${tenTimes}`),
  );
  expect(marked.map(([hop, , once, tenTimes]) => [hop, once, tenTimes])).toEqual([
    ["POST /api/billing", "first: 100 %", "first: 1,000 %, breaks"],
  ]);
  const behind = "The first behind the throttles is Orders database: I/O.";
  expect(verdict(hops, load)).toBe(
    `At 500 reads and 100 orders a second every hop holds. As the load grows, POST /api/billing breaks first, above 500 reads and 100 orders a second. ${behind}`,
  );
  expect(verdict(hops, { reads: 5_000, orders: 1_000 })).toBe(
    `At 5,000 reads and 1,000 orders a second POST /api/billing breaks first: it takes 500 reads and 100 orders a second. Then GET /api/movies/{id}, GET /api/movies, Orders database: I/O. ${behind}`,
  );
});

test("programs get the same figures as numbers", () => {
  const { loads, hops: rows } = JSON.parse(forPrograms(hops, { reads: 500, orders: 100 }));
  expect(loads.map(({ firstToBreak: name }: { firstToBreak: string }) => name)).toEqual(
    Array(2).fill("POST /api/billing"),
  );
  expect(rows).toHaveLength(hops.length);
  expect(rows.find(({ hop }: { hop: string }) => hop === "POST /api/billing")).toMatchObject({
    ceiling: 100,
    unit: "orders",
    shares: [1, 10],
  });
});

test("the plan has the prices of the price list", () => {
  const [small = 0, large = 0] = ["db.t4g.small", "db.m7g.large"].map((name) => MONTH_OF.database(name) ?? 0);
  const broker = usdOf(IDLE.hardened, "RabbitMQ");
  const cell = 10 * Math.round(totalOf(IDLE.hardened) / 10);
  const prices = {
    "1 Raise numbers": `$${MONTH_OF.task.toFixed(2)} for each task`,
    "2 Larger servers": `$${Math.round(2 * (large - small))} more for each server`,
    "3 Replica and short cache": `$${Math.round(large + 20 * MONTH_OF.databaseGb)} for a`,
    "5 RabbitMQ for foreign publishers alone": `saves up to $${Math.round(broker - (MONTH_OF.broker("mq.m7g.medium") ?? 0))}`,
    "6 Cells": `about $${cell} for each cell`,
    "7 A second region": `about $${cell}, and`,
  };
  const rows = readFileSync(join(ROOT, "docs/growth.md"), "utf8").split("\n");
  for (const [step, price] of Object.entries(prices))
    expect(rows.find((row) => row.startsWith(`| [${step}](`))).toContain(`| ${price}`);
});
