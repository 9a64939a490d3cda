import { once } from "node:events";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { createAuthority, createServerIdentity } from "@cloud-design/core/certificate";
import { startSecretsManager } from "@cloud-design/core/testing/secrets-manager";
import { billingPart, inventoryPart } from "@cloud-design/local/platform/service-parts";
import { freePort } from "@cloud-design/local/servers/free-port";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { started } from "@cloud-design/local/servers/testing";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:task";
const [from, until] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000)) as [Date, Date];
const authority = createAuthority({ commonName: "ours", domains: ["localhost"], from, until });
const { key, cert } = createServerIdentity({
  commonName: "task",
  names: ["localhost"],
  authority,
  from,
  until,
});

const resources = new AsyncDisposableStack();
const PARTS = { inventory: inventoryPart, billing: billingPart };
const running = new Map<string, Awaited<ReturnType<typeof started>>>();
const ports = new Map<string, number>();

/** Each from its own main.ts, as its container starts it, with a certificate as in its task definition. */
beforeAll(async () => {
  const secretsManager = resources.adopt(await startSecretsManager(), ({ close }) => close());
  secretsManager.values.set(ARN, JSON.stringify({ key, cert: cert + authority.cert }));
  const { path: directory } = resources.use(await temporaryDirectory());
  for (const [name, databaseUrl] of [
    ["inventory", inject("moviesUrl")],
    ["billing", inject("ordersUrl")],
  ] as const) {
    const port = await freePort();
    const part = PARTS[name]({
      port,
      databaseUrl,
      amqpUrl: inject("amqpUrl"),
      // No SQS is there: inventory serves without it.
      sqsUrl: "http://127.0.0.1:1",
      webhookSecret: "a secret of thirty-two characters",
      siteUrl: "https://docs.example",
      identityUrl: "http://127.0.0.1:1",
      env: { TLS_SECRET_ARN: ARN, LOG_LEVEL: "info", ...secretsManager.env },
    });
    // A service is ready when its health check answers in plain HTTP, on the loopback.
    running.set(name, resources.use(await started(part, directory)));
    ports.set(name, port);
  }
});
afterAll(() => resources.disposeAsync());

async function ask(name: string, path: string): Promise<{ status: number | undefined; body: string }> {
  const options = { host: "localhost", port: ports.get(name) ?? 0, path, ca: authority.cert, agent: false };
  const [response] = await once(request(options).end(), "response");
  return { status: response.statusCode, body: await text(response) };
}

test.each(["inventory", "billing"])("%s answers over TLS, with a verifiable certificate", async (name) => {
  expect(await ask(name, "/health/live")).toMatchObject({ status: 200 });
  expect(await ask(name, "/health/ready")).toMatchObject({ status: 200 });
  const { body } = await ask(name, "/health/components");
  expect(JSON.parse(body)).toMatchObject({ [`${name}-database`]: "up" });
  expect(await ask(name, "/api/movies")).toMatchObject({ status: 401 });
});

test.each(["inventory", "billing"])("%s drains and exits with 0 on SIGTERM", async (name) => {
  const service = running.get(name);
  process.kill(service?.pid ?? 0, "SIGTERM");
  expect(await service?.exited).toEqual({ code: 0, signal: null });
  await expect(ask(name, "/health/live")).rejects.toThrow("ECONNREFUSED");
});
