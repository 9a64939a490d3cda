import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { copiesOf, flagOfPort, type PortName, parseSettings, ROOT } from "./settings.ts";

const DEFAULTS = parseSettings([]).ports;

it("has a port for every part, and a flag that moves it", () => {
  expect(parseSettings([])).toMatchObject({
    fresh: false,
    seed: true,
    host: "127.0.0.1",
    ports: { gateway: 3000, billing: 8081 },
  });
  const moved = parseSettings([
    "--fresh",
    "--no-seed",
    "--gateway-port",
    "3100",
    "--inventory-database-port=6000",
  ]);
  expect(moved).toMatchObject({ fresh: true, seed: false });
  expect(moved.ports).toMatchObject({ gateway: 3100, "inventory-database": 6000, inventory: 8080 });
});

it("moves every port with one flag, and a port of its own flag goes before", () => {
  const { ports } = parseSettings(["--ports", "20000", "--sqs-port", "9324"]);
  expect(ports).toMatchObject({ gateway: 20_000, site: 20_001, "rabbitmq-distribution": 20_017, sqs: 9_324 });
  expect(ports.copies).toBe(20_018);
  expect(new Set(Object.values(ports)).size).toBe(19);
});

it("gives each copy of a service a port, and one for its metrics, from the first one on", () => {
  const settings = parseSettings(["--inventory", "4", "--billing", "4", "--copies-port", "20000"]);
  const copies = [...copiesOf(settings, "inventory"), ...copiesOf(settings, "billing")];
  expect(copies[1]).toEqual({ name: "inventory-2", port: 20_001, metricsPort: 20_009 });
  expect(copies.at(-1)).toEqual({ name: "billing-4", port: 20_007, metricsPort: 20_015 });
  expect(copiesOf(parseSettings(["--billing", "2"]), "inventory")).toEqual([]);
  expect(flagOfPort(settings, 20_015)).toBe("--copies-port");
  // With one process of each service these ports are not used.
  expect(flagOfPort(parseSettings(["--copies-port", "20000"]), 20_000)).toBeUndefined();
});

it("tells in the documentation where `--ports 20000` puts each port", () => {
  const page = readFileSync(join(ROOT, "docs/how/laptop.md"), "utf8");
  for (const [name, port] of Object.entries(parseSettings(["--ports", "20000"]).ports)) {
    const row = new RegExp(`^\\| ${DEFAULTS[name as PortName]} +\\| ${port} +\\| .*\`${name}\``, "m");
    expect.soft(page).toMatch(row);
  }
});

it.each([
  [["--gatway-port", "1"], "npm start has no flag --gatway-port: did you mean --gateway-port?"],
  [["--freshen"], "npm start has no flag --freshen: did you mean --fresh?"],
  [["--gateway-port", "abc"], '--gateway-port takes a port from 1 to 65535, not "abc".'],
  [["--gateway-port", "65536"], "--gateway-port takes a port from 1 to 65535"],
  [["--gateway-port", "8080"], "gateway and inventory cannot share port 8080"],
  [["--ports", "65503"], '--ports takes the first of 34 ports, from 1 to 65502, not "65503".'],
  [["--ports", "-1"], "--ports"],
  [["--gateway-port"], "npm start: --gateway-port needs a value behind it."],
  [["--inventory", "0"], '--inventory takes a number of processes from 1 to 4, not "0".'],
  [["--billing", "9"], '--billing takes a number of processes from 1 to 4, not "9".'],
  [["--inventory", "-1"], "npm start: --inventory needs a value behind it, not -1."],
  [["--inventory=-1"], '--inventory takes a number of processes from 1 to 4, not "-1".'],
  [["--billing", "x"], '--billing takes a number of processes from 1 to 4, not "x".'],
  [
    ["--inventory", "2", "--site-port", "8189"],
    "site and inventory-2-metrics cannot share port 8189: move one with --site-port N or --copies-port N.",
  ],
  [["fresh"], "npm start takes no argument fresh"],
])("refuses %j", (args, message) => {
  expect(() => parseSettings(args)).toThrow(message);
});
