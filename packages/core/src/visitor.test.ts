import { expect, it } from "vitest";
import { strangerOf } from "./visitor.ts";

const HERE = "localhost:3000";

it.each([
  ...["localhost", "LOCALHOST:3000", "127.0.0.1:3000", "[::1]:3000", "192.168.56.10:3000", "localhost."],
  // A container's name, and the address of a queue.
  ...["api-gateway-app:9000", "sqs.eu-west-3.localhost:9324"],
  // The host of a container, and machines in the local network.
  ...["host.docker.internal:3000", "laptop.local:4000", "vm.lan:3000"],
])("a request for %s is accepted as local", (host) => {
  for (const visitors of ["local", "programs"] as const)
    expect(strangerOf({ host }, visitors)).toBeUndefined();
});

it.each([
  ...["attacker.example", "attacker.example:3000", "localhost.attacker.example", "127.0.0.1.nip.io:3000"],
  ...[
    "",
    undefined,
    "localhost:3000.attacker.example",
    "xn--lcalhost-1fb.example",
    "local.example",
    "attacker.example.local.com",
  ],
])("a request for %s is refused as DNS rebinding", (host) => {
  for (const visitors of ["local", "programs"] as const)
    expect(strangerOf({ host }, visitors)).toContain("for this machine");
  expect(strangerOf({ host }, "anyone")).toBeUndefined();
});

it.each(["https://attacker.example", "http://127.0.0.1.attacker.example:4000", "null", "", "file://"])(
  "a request from a page of %s is refused by every server of this machine",
  (origin) => {
    for (const visitors of ["local", "programs"] as const)
      expect(strangerOf({ host: HERE, origin }, visitors)).toContain("pages of other sites");
  },
);

it("a page of this machine is accepted, and its own form with the origin null", () => {
  expect(strangerOf({ host: HERE, origin: "http://localhost:4000" }, "local")).toBeUndefined();
  const form = { host: HERE, origin: "null", "sec-fetch-site": "same-origin" };
  expect(strangerOf(form, "local")).toBeUndefined();
});

it("a link from another site is accepted by servers for browsers and refused by those for programs", () => {
  const link = { host: HERE, "sec-fetch-site": "cross-site" };
  expect(strangerOf(link, "local")).toBeUndefined();
  expect(strangerOf(link, "programs")).toContain("pages of other sites");
});
