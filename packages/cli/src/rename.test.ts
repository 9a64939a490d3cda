import { expect, test } from "vitest";
import { checkProductName, renameIn } from "./rename.ts";

test.each([
  ['import "@cloud-design/core";', 'import "@my-shop/core";'],
  ["dev-cloud-design-broker", "dev-my-shop-broker"],
  ["CLOUD_DESIGN_LOCAL=.local", "MY_SHOP_LOCAL=.local"],
  ["devclouddesignNetwork", "devmyshopNetwork"],
  ["the cloud-design exercise", "the cloud-design exercise"],
  ["cloud design", "cloud design"],
  ["pkg:npm/%40cloud-design/core", "pkg:npm/%40my-shop/core"],
])("%s becomes %s", (text, renamed) => expect(renameIn(text, "cloud-design", "my-shop")).toBe(renamed));

test("renaming there and back changes nothing", () => {
  const text = "cloud-design, @cloud-design/core, CLOUD_DESIGN_LOCAL, devclouddesign";
  expect(renameIn(renameIn(text, "cloud-design", "shop"), "shop", "cloud-design")).toBe(text);
});

test.each(["My-shop", "my_shop", "9lives", "shop-", "a--b", "", "a-name-that-is-too-long"])(
  "the product cannot be called %j",
  (name) => expect(() => checkProductName(name)).toThrow(/^The product cannot be called /),
);
