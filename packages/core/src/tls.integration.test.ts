import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { sql } from "drizzle-orm";
import { afterEach, describe, expect, inject, test } from "vitest";
import { declareTopology } from "./billing/index.ts";
import { createPublisher, keepConnected } from "./broker/index.ts";
import { openDatabase } from "./database.ts";
import { startTlsFront, type TlsFront } from "./testing/tls-front.ts";

const trusted = getCACertificates("default");
const fronts: TlsFront[] = [];
afterEach(() => {
  setDefaultCACertificates(trusted);
  for (const front of fronts.splice(0)) front.close();
});

async function startFront(target: string, options?: { host: string }): Promise<TlsFront> {
  const front = await startTlsFront(target, options);
  fronts.push(front);
  return front;
}

function trust({ cert }: TlsFront): void {
  setDefaultCACertificates([...trusted, cert]);
}

/** The same server on another port of localhost. */
function through(
  front: { port: number | string },
  target: string,
  changes: { protocol?: string } = {},
): string {
  const { protocol, username, password, pathname } = new URL(target);
  return `${changes.protocol ?? protocol}//${username}:${password}@localhost:${front.port}${pathname}`;
}

/** The innermost error of a chain of causes. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}

describe("a database behind sslmode=verify-full", () => {
  const moviesUrl = inject("moviesUrl");

  async function ask(front: { port: number | string }) {
    const database = openDatabase({ url: `${through(front, moviesUrl)}?sslmode=verify-full`, name: "test" });
    try {
      return await database.run((db) => db.execute(sql`SELECT current_user AS name`));
    } catch (error) {
      throw rootOf(error);
    } finally {
      await database.close();
    }
  }

  test("is refused while its certificate is untrusted, and used once it is trusted", async () => {
    const front = await startFront(moviesUrl);
    await expect(ask(front)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    trust(front);
    expect(await ask(front)).toMatchObject([{ name: "inventory" }]);
    expect(front.names).toContain("localhost");
  });

  test("is refused when its trusted certificate names another host", async () => {
    const front = await startFront(moviesUrl, { host: "elsewhere.example" });
    trust(front);
    await expect(ask(front)).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  test("is not used in plain text when it has no TLS", async () => {
    await expect(ask(new URL(moviesUrl))).rejects.toThrow();
  });
});

describe("a broker behind amqps", () => {
  const amqpUrl = inject("amqpUrl");
  const amqps = (front: TlsFront) => through(front, amqpUrl, { protocol: "amqps:" });

  async function publish(front: TlsFront): Promise<void> {
    const publisher = createPublisher(amqps(front), { name: "test", setup: declareTopology });
    try {
      await publisher.publish("", "billing_dead_letters", Buffer.from("{}"), { messageId: "tls" });
    } finally {
      await publisher.close();
    }
  }

  test("is refused while its certificate is untrusted, and used once it is trusted", async () => {
    const front = await startFront(amqpUrl);
    await expect(publish(front)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    trust(front);
    await publish(front);
    expect(front.names).toContain("localhost");
  });

  test("is refused when its trusted certificate names another host", async () => {
    const front = await startFront(amqpUrl, { host: "elsewhere.example" });
    trust(front);
    await expect(publish(front)).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  test("is refused by a consumer too, which retries until the certificate is trusted", async () => {
    const front = await startFront(amqpUrl);
    const refusals: unknown[] = [];
    const { promise: connected, resolve } = Promise.withResolvers<void>();
    const kept = keepConnected(amqps(front), {
      name: "test",
      setup: async () => resolve(),
      onFailure: (reason) => refusals.push(reason),
    });
    await expect.poll(() => refusals.length).toBeGreaterThan(1);
    trust(front);
    await connected;
    expect(refusals[0]).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await kept.close();
  });
});
