import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type PortName, parseSettings, ROOT } from "./settings.ts";

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
  expect(new Set(Object.values(ports)).size).toBe(18);
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
  [["--ports", "65519"], '--ports takes the first of 18 ports, from 1 to 65518, not "65519".'],
  [["--ports", "-1"], "--ports"],
  [["--gateway-port"], "npm start: --gateway-port needs a value behind it."],
  [["fresh"], "npm start takes no argument fresh"],
])("refuses %j", (args, message) => {
  expect(() => parseSettings(args)).toThrow(message);
});
