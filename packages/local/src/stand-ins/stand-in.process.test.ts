import { Agent, createServer, request } from "node:http";
import { expect, it } from "vitest";
import { drain, listen } from "./stand-in.ts";

it("drains without waiting for idle connections that clients keep open", async () => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const server = createServer({ keepAliveTimeout: 60_000 }, async (_request, response) => {
    arrived.resolve();
    await gate.promise;
    response.end("done");
  });
  const port = await listen(server, 0);
  const agent = new Agent({ keepAlive: true });
  const answered = Promise.withResolvers<void>();
  request({ port, host: "127.0.0.1", agent }, (response) =>
    response.resume().on("end", answered.resolve),
  ).end();
  await arrived.promise;
  // Longer than this test may take: the test ends only if the drain does not wait.
  const drained = drain(server, 600);
  gate.resolve();
  await answered.promise;
  await drained;
  expect(server.listening).toBe(false);
  agent.destroy();
});
