import type { PlatformFile } from "@cloud-design/local/supervisor/platform-file";
import { expect, test } from "vitest";
import { knownPart } from "./known-part.ts";

const platform = { parts: { inventory: {}, billing: {}, "order-bridge": {} } } as unknown as PlatformFile;

test.each([
  ["inventry", "There is no part inventry: did you mean inventory?"],
  ["order_bridge", "There is no part order_bridge: did you mean order-bridge?"],
  ["toString", "There is no part toString: did you mean "],
  [undefined, "Name a part: the parts are inventory, billing, order-bridge."],
])("suggests a part for %j", (name, message) => {
  expect(() => knownPart(platform, name)).toThrow(message);
});

test("accepts the name of a part", () => {
  expect(knownPart(platform, "billing")).toBe("billing");
});
