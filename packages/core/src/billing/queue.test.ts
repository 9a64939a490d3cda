import { expect, test } from "vitest";
import { orderIdOf } from "./queue.ts";

test("a message id of a foreign client gives the same order id in every version, also to a message that waits", () => {
  expect(orderIdOf("invoice-7")).toBe("ext_Yb8DbtjGpqon873rhQrRbP3lesee5pQzVmAeu1zS");
});

test.each([undefined, ""])(
  "each message with the id %j is an order of its own, by a new nonce",
  (messageId) => {
    const ids = Array.from({ length: 1_000 }, () => orderIdOf(messageId));
    for (const id of ids) expect(id).toMatch(/^ext_[0-9a-z]{6}[\w-]{10}$/);
    // The database compares so many characters.
    expect(new Set(ids.map((id) => id.slice(0, 20))).size).toBe(1_000);
    for (let index = 10; index < 20; index++)
      expect(new Set(ids.map((id) => id[index])).size, `character ${index}`).toBeGreaterThan(50);
  },
);
