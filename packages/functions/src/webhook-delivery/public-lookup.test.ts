import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { publicLookup } from "./public-lookup.ts";

type Found = string | LookupAddress[];

function found(lookup: ReturnType<typeof publicLookup>, all: boolean): Promise<Found> {
  return new Promise((resolve, reject) => {
    lookup("shop.example", { all }, (error, address) => (error ? reject(error) : resolve(address)));
  });
}

test("the connection gets the addresses that were checked, in the form that it asks for", async () => {
  const lookup = publicLookup(async () => ["93.184.216.34", "8.8.8.8"]);
  expect(await found(lookup, true)).toEqual([
    { address: "93.184.216.34", family: 4 },
    { address: "8.8.8.8", family: 4 },
  ]);
  expect(await found(lookup, false)).toBe("93.184.216.34");
});

test.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])(
  "a name with the address %s is refused, whatever its other addresses are",
  async (address) => {
    const lookup = publicLookup(async () => ["8.8.8.8", address]);
    for (const all of [true, false]) await expect(found(lookup, all)).rejects.toThrow("not public");
  },
);

test("a name that does not resolve is an error", async () => {
  const lookup = publicLookup(() => Promise.reject(new Error("queryA ENOTFOUND shop.example")));
  await expect(found(lookup, true)).rejects.toThrow("ENOTFOUND");
});
