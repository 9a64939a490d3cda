import type { AddressInfo } from "node:net";
import { patientFetch } from "@cloud-design/client/patient-fetch";
import { createLog } from "@cloud-design/core/log";
import { apiGatewayRoutes } from "@cloud-design/functions/gateway/routes";
import { createGateway } from "@cloud-design/local/stand-ins/api-gateway/server";
import { tokenBuckets } from "@cloud-design/local/stand-ins/api-gateway/throttle";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import { expect, test } from "vitest";

test("a client that waits after 429 is served once the throttle of its route has room again", async () => {
  const mayPass = tokenBuckets();
  let refusals = 0;
  const server = createGateway({
    routes: apiGatewayRoutes(),
    mayPass(route) {
      const passes = mayPass(route);
      if (!passes) refusals++;
      return passes;
    },
    authorize: async () => undefined,
    invoke: async () => ({ statusCode: 200, body: "{}" }),
    siteUrl: "https://docs.example",
    log: createLog("gateway"),
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  // The throttle that is used up soonest.
  const empty = () => new Request(`http://127.0.0.1:${port}/api/movies`, { method: "DELETE" });
  try {
    expect(
      (await Promise.all([1, 2, 3].map(() => fetch(empty())))).map(({ status }) => status).sort(),
    ).toEqual([200, 200, 429]);
    expect((await patientFetch(empty())).status).toBe(200);
    expect(refusals).toBeGreaterThan(1);
  } finally {
    await drain(server, 1);
  }
});
