import { afterEach, expect, it, vi } from "vitest";
import { elsewhere } from "./elsewhere.ts";

afterEach(() => void vi.unstubAllEnvs());

it.each([
  ["http://inventory-app:8080", { port: 8080, url: "http://inventory-app:8080" }],
  ["https://inventory.example", { port: 443, url: "https://inventory.example:443" }],
])("a part at %s is listed with its port", (url, external) => {
  vi.stubEnv("INVENTORY_URL", url);
  const found = elsewhere("inventory", "INVENTORY_URL", ["http:", "https:"]);
  expect(found).toEqual({ url, external: { name: "inventory", ...external } });
});

it("a part that the environment does not name runs here", () => {
  vi.stubEnv("INVENTORY_URL", "");
  expect(elsewhere("inventory", "INVENTORY_URL", ["http:"])).toBeUndefined();
});

it("a password in a URL is not shown in the list of parts", () => {
  vi.stubEnv("AMQP_URL", "amqp://user:secret@rabbitmq");
  expect(elsewhere("rabbitmq", "AMQP_URL", ["amqp:"])?.external.url).toBe("amqp://rabbitmq:5672");
});

it.each(["inventory-app", "ftp://inventory-app"])("refuses %s with the name of the variable", (url) => {
  vi.stubEnv("INVENTORY_URL", url);
  const found = () => elsewhere("inventory", "INVENTORY_URL", ["http:", "https:"]);
  expect(found).toThrow("INVENTORY_URL is not a URL that begins with http:// or https://.");
});
