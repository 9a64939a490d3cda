import { expect, it } from "vitest";
import { parseSettings } from "./settings.ts";

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

it.each([
  [["--gatway-port", "1"], "npm start has no flag --gatway-port: did you mean --gateway-port?"],
  [["--freshen"], "npm start has no flag --freshen: did you mean --fresh?"],
  [["--gateway-port", "abc"], '--gateway-port takes a port from 1 to 65535, not "abc".'],
  [["--gateway-port", "65536"], "--gateway-port takes a port from 1 to 65535"],
  [["--gateway-port", "8080"], "gateway and inventory cannot share port 8080"],
  [["--gateway-port"], "npm start: --gateway-port needs a value behind it."],
  [["fresh"], "npm start takes no argument fresh"],
])("refuses %j", (args, message) => {
  expect(() => parseSettings(args)).toThrow(message);
});
