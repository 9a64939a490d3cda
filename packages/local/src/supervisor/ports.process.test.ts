import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { parseSettings } from "../platform/settings.ts";
import { refuseTakenPorts } from "./ports.ts";
import { fakePart } from "./testing/fake-parts.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function takenPort(host?: string): Promise<number> {
  const server = createServer().listen(0, host);
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

it("names all taken ports at once, each with the process that holds it and the flag that changes it", async () => {
  const [gateway, epmd] = [await takenPort("127.0.0.1"), await takenPort()];
  const settings = parseSettings(["--gateway-port", `${gateway}`, "--epmd-port", `${epmd}`]);
  const parts = [
    fakePart("", { name: "gateway", port: gateway, script: "" }),
    fakePart("", { name: "rabbitmq", port: 0, otherPorts: { epmd }, script: "" }),
  ];
  const refusal: Error = await refuseTakenPorts(parts, settings).then(
    () => expect.fail("all were free"),
    (error) => error,
  );
  const [first, second, all, ...more] = refusal.message.split("\n");
  expect(first).toContain(`Port ${gateway} (gateway) is taken`);
  expect(first).toContain("`npm start -- --gateway-port N`");
  expect(second).toContain(`Port ${epmd} (rabbitmq, epmd) is taken`);
  expect(second).toContain("`npm start -- --epmd-port N`");
  expect(all).toMatch(/^All ports move with `npm start -- --ports \d+000`\.$/);
  expect(more).toEqual([]);
  if (process.platform === "linux") expect(first).toContain(`(pid ${process.pid})`);
});

it("accepts free ports", async () => {
  const port = await takenPort();
  servers.splice(0).map((server) => server.close());
  await refuseTakenPorts([fakePart("", { name: "gateway", port, script: "" })], parseSettings([]));
});
