import { X509Certificate } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { type CertificateDependencies, createApp } from "./app.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const START = Date.parse("2026-11-30T00:00:00Z");
const NAME = "internal-a-1.us-east-1.elb.amazonaws.com";
const WANTED = { names: [NAME, "localhost"], generation: "1" };
const ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const RENEWAL = { ...WANTED, certificateArn: ARN };
/** The secret as CloudFormation creates it. */
const EMPTY = JSON.stringify({ authorities: [], unused: "x" });

let days: number;
let secret: string;
let task: { key: string; cert: string };
let broker: { key: string; cert: string; secretArn: string } | undefined;
let imported: { key: string; cert: string; issuer: string; arn: string | undefined }[];
let written: number;
beforeEach(() => {
  [days, secret, imported, written, broker] = [0, EMPTY, [], 0, undefined];
});

const deps: CertificateDependencies = {
  stage: "test",
  authority: {
    read: async () => secret,
    write: async (text) => {
      secret = text;
      written++;
    },
  },
  task: {
    write: async (text) => {
      task = JSON.parse(text);
    },
  },
  broker: (secretArn) => ({
    write: async (text) => {
      broker = { ...JSON.parse(text), secretArn };
    },
  }),
  acm: {
    import: async (identity, arn) => {
      imported.push({ ...identity, arn });
      return arn ?? ARN;
    },
    remove: async () => {},
  },
  now: () => new Date(START + days * DAY_MS),
};
const app = createApp(deps);
const certificatesIn = (pem: string) =>
  (pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map((one) => new X509Certificate(one));
const latest = () => new X509Certificate(imported.at(-1)?.cert ?? "");
const daysOf = ({ validToDate }: X509Certificate) => (validToDate.getTime() - START) / DAY_MS - days;
const isFrom = (issuer: string | undefined) => latest().checkIssued(new X509Certificate(issuer ?? ""));

test("a new stage gets an authority, a certificate for the load balancer's names, and one for the tasks", async () => {
  const { certificateArn, authority } = await app.issue(WANTED);
  expect(certificateArn).toBe(ARN);
  expect(isFrom(authority)).toBe(true);
  expect(latest().subjectAltName).toBe(`DNS:${NAME}, DNS:localhost`);
  expect(imported[0]).toMatchObject({ arn: undefined, issuer: authority });
  const [ofTask, issuer] = certificatesIn(task.cert);
  expect([ofTask?.subjectAltName, issuer?.toString()]).toEqual(["DNS:localhost", authority]);
  expect(Math.floor(daysOf(new X509Certificate(authority)))).toBe(3_650);
});

test("a broker in a container gets a certificate of the same authority, in the secret that the stage names, and no other stage gets one", async () => {
  await app.issue(WANTED);
  expect(broker).toBeUndefined();
  secret = EMPTY;
  const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:broker";
  const names = ["rabbitmq.test.cloud-design.internal", "localhost"];
  const { authority } = await app.issue({ ...WANTED, broker: { names, secretArn } });
  const [ofBroker, issuer] = certificatesIn(broker?.cert ?? "");
  expect(broker?.secretArn).toBe(secretArn);
  expect(ofBroker?.subjectAltName).toBe(names.map((name) => `DNS:${name}`).join(", "));
  expect(issuer?.toString()).toBe(authority);
  expect([task.key, imported.at(-1)?.key]).not.toContain(broker?.key);
  // Among the domains that the authority may certify.
  expect(new X509Certificate(authority).raw.toString("latin1")).toContain("test.cloud-design.internal");
});

test("the load balancer's key is stored only in ACM, and each renewal has a new one", async () => {
  await app.issue(WANTED);
  await app.renew(RENEWAL);
  const [first, second] = imported;
  expect(second?.key).not.toBe(first?.key);
  expect(secret + JSON.stringify(task)).not.toContain(JSON.stringify(first?.key).slice(1, -1));
  expect(task.key).not.toBe(second?.key);
});

test("a renewal replaces the same certificate, has the same authority, and ends 90 days later", async () => {
  const { authority } = await app.issue(WANTED);
  for (days = 7; days < 700; days += 7) {
    expect(await app.renew(RENEWAL)).toEqual({ certificateArn: ARN, authority });
    expect([imported.at(-1)?.arn, daysOf(latest()), isFrom(authority)]).toEqual([ARN, 90, true]);
  }
  expect(written).toBe(1);
});

test("a certificate is valid from an hour ago, for clocks that are behind", async () => {
  await app.issue(WANTED);
  expect(latest().validFromDate.getTime()).toBe(START - 60 * 60 * 1_000);
});

test("a load balancer with another name in the same region gets a certificate of the same authority", async () => {
  const { authority } = await app.issue(WANTED);
  const name = "internal-b-2.us-east-1.elb.amazonaws.com";
  expect((await app.issue({ ...WANTED, names: [name] }, ARN)).authority).toBe(authority);
  expect(latest().subjectAltName).toBe(`DNS:${name}`);
});

test("a new authority is published at once and signs only once all clients can know it", async () => {
  const { authority: first } = await app.issue(WANTED);
  const next = { ...WANTED, generation: "2" };
  days = 3_600;
  const { authority: both } = await app.issue(next, ARN);
  const [second, before] = certificatesIn(both);
  expect(before?.toString()).toBe(first);
  expect(isFrom(first)).toBe(true);
  days += 7;
  expect((await app.renew({ ...RENEWAL, ...next })).authority).toBe(both);
  expect([isFrom(first), isFrom(second?.toString())]).toEqual([false, true]);
  expect(daysOf(latest())).toBe(90);
});

test("a deployment that is rolled back returns to the authority that clients trust, and a renewal makes no other", async () => {
  const { authority: first } = await app.issue(WANTED);
  days = 100;
  await app.issue({ ...WANTED, generation: "2" }, ARN);
  expect((await app.issue(WANTED, ARN)).authority).toBe(first);
  expect(isFrom(first)).toBe(true);
  days += 7;
  expect((await app.renew({ ...RENEWAL, generation: "3" })).authority).toBe(first);
  expect(isFrom(first)).toBe(true);
});

test("no certificate outlives its authority, so the alarm on its days covers the authority too", async () => {
  await app.issue(WANTED);
  days = 3_610;
  await app.renew(RENEWAL);
  expect(daysOf(latest())).toBe(40);
});

test("issuing fails after the authority has ended", async () => {
  await app.issue(WANTED);
  days = 3_651;
  await expect(app.renew(RENEWAL)).rejects.toThrow("The authority has ended: make another one");
});

test.each(["", "open sesame", "{}", '{"authorities": [{"generation": "1"}]}'])(
  "the secret %j gives an error without its text, and no new authority",
  async (damaged) => {
    secret = damaged;
    const error: Error = await app.renew(RENEWAL).catch((thrown) => thrown);
    expect(error.message).toContain("The authority's secret is damaged");
    if (damaged) expect(error.message).not.toContain(damaged);
    expect([written, imported]).toEqual([0, []]);
  },
);
