import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { expect, test } from "vitest";
import { createAuthority, createServerIdentity, type Identity } from "./index.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS);
const TODAY = { from: daysFromNow(-1), until: daysFromNow(1) };
const DOMAINS = ["us-east-1.elb.amazonaws.com", "localhost"];
const authority = createAuthority({ commonName: "ours", domains: DOMAINS, ...TODAY });
const NAME = "internal-a-1.us-east-1.elb.amazonaws.com";
const server = (changes: Partial<Parameters<typeof createServerIdentity>[0]> = {}) =>
  createServerIdentity({ commonName: "balancer", names: [NAME], authority, ...TODAY, ...changes });

/** The result of a real handshake by a client that trusts one authority: "good", or the reason of the refusal. */
async function believed({ key, cert }: Identity, ca = authority.cert, servername = NAME): Promise<string> {
  const listening = createServer({ key, cert }).listen(0, "127.0.0.1");
  listening.on("tlsClientError", () => {});
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  const client = connect({ host: "127.0.0.1", port, ca, servername });
  const verdict = await once(client, "secureConnect").then(
    () => "good",
    (error: Error) => error.message,
  );
  client.destroy();
  listening.close();
  return verdict;
}

test("a client accepts the authority's server under its names and under no other name", async () => {
  const identity = server({ names: [NAME, "localhost"] });
  expect(await believed(identity)).toBe("good");
  expect(await believed(identity, authority.cert, "localhost")).toBe("good");
  expect(await believed(identity, authority.cert, `b-${NAME}`)).toContain(
    "does not match certificate's altnames",
  );
});

test("a client refuses a server of another authority and a self-signed one", async () => {
  const other = createAuthority({ commonName: "ours", domains: DOMAINS, ...TODAY });
  expect(await believed(server({ authority: other }))).toContain("unable to verify");
  const { authority: _, ...alone } = { commonName: "balancer", names: [NAME], authority, ...TODAY };
  expect(await believed(createServerIdentity(alone))).toContain("self-signed certificate");
});

test.each([
  ["after its end", { from: daysFromNow(-2), until: daysFromNow(-1) }, "certificate has expired"],
  ["before its beginning", { from: daysFromNow(1), until: daysFromNow(2) }, "certificate is not yet valid"],
])("a client refuses a server %s", async (_, life, reason) => {
  expect(await believed(server(life))).toBe(reason);
});

test("a client refuses a name outside the authority's domains, even when the authority signed it", async () => {
  const names = ["sqs.us-east-1.amazonaws.com"];
  expect(await believed(server({ names }), authority.cert, names[0])).toBe("permitted subtree violation");
});

test("a client refuses a certificate that was signed by a server's certificate", async () => {
  const identity = server();
  const { cert, key } = createServerIdentity({
    commonName: "b",
    names: [NAME],
    authority: identity,
    ...TODAY,
  });
  expect(await believed({ key, cert: cert + identity.cert })).toContain(
    "key usage does not include certificate signing",
  );
});

test("a certificate contains its subject and its period, also after 2049", () => {
  const until = new Date("2050-01-02T03:04:05Z");
  const [mine, above] = [server({ until }), authority].map(({ cert }) => new X509Certificate(cert));
  expect(mine?.checkIssued(above as X509Certificate)).toBe(true);
  expect(mine?.validToDate).toEqual(until);
  expect(mine?.validFromDate.getTime()).toBe(Math.floor(TODAY.from.getTime() / 1_000) * 1_000);
  expect(mine?.subjectAltName).toBe(`DNS:${NAME}`);
  expect(mine?.subject).toBe("CN=balancer");
  expect([mine?.ca, above?.ca]).toEqual([false, true]);
  expect(mine?.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
});
