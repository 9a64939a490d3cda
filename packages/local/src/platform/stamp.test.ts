import { afterEach, beforeEach, expect, it } from "vitest";
import { localDirectory, parseSettings } from "./settings.ts";
import { chooseStamp, withStamp } from "./stamp.ts";

let given: string | undefined;
beforeEach(() => {
  given = process.env.CLOUD_DESIGN_STAMP;
});
afterEach(() => {
  delete process.env.CLOUD_DESIGN_STAMP;
  if (given !== undefined) process.env.CLOUD_DESIGN_STAMP = given;
});

it("gives a stamp ports and a directory of its own by one flag, in whatever place", () => {
  const first = { ports: parseSettings([]).ports, directory: localDirectory() };
  expect(chooseStamp(["--no-seed", "--stamp", "b", "--host", "::1"])).toEqual(["--no-seed", "--host", "::1"]);
  const { ports, directory } = parseSettings([]);
  expect(directory).toBe(`${first.directory}-b`);
  expect(ports).toMatchObject({ gateway: 20_100, site: 20_101 });
  const shared = Object.values(ports).filter((port) => Object.values(first.ports).includes(port));
  expect(shared).toEqual([]);
});

it("no stamp has a port in common with another, or one that Linux assigns", () => {
  const taken = new Set<number>();
  for (let code = "b".charCodeAt(0); code <= "z".charCodeAt(0); code++) {
    chooseStamp([`--stamp=${String.fromCharCode(code)}`]);
    // The ports of the copies follow the first one of them.
    const { ports } = parseSettings([]);
    for (const port of [...Object.values(ports), ports.copies + 15]) {
      expect(taken.has(port)).toBe(false);
      expect(port).toBeLessThan(32_768);
      taken.add(port);
    }
  }
});

it("lets a flag of a port go before", () => {
  chooseStamp(["--stamp", "b"]);
  expect(parseSettings(["--ports", "21000", "--site-port", "4001"]).ports).toMatchObject({
    gateway: 21_000,
    site: 4_001,
  });
});

it("writes the flag behind the commands that it names", () => {
  expect(withStamp("npm start")).toBe("npm start");
  chooseStamp(["--stamp", "c"]);
  expect(withStamp("npm run -s token")).toBe("npm run -s token -- --stamp c");
  expect(withStamp("npm run -s ops -- ps")).toBe("npm run -s ops -- ps --stamp c");
});

it.each([
  [["--stamp", "a"]],
  [["--stamp", "B"]],
  [["--stamp", "shop"]],
  [["--stamp", "../b"]],
  [["--stamp"]],
  [["--stamp="]],
])("refuses %j in one sentence", (args) => {
  expect(() => chooseStamp(args)).toThrow(/^--stamp takes one letter from b to z, not ".*": .*\.$/);
  expect(process.env.CLOUD_DESIGN_STAMP).toBe(given);
});
