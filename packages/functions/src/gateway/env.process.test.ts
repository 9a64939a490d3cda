import { parseEnvironment } from "@cloud-design/core/environment";
import { startSecretsManager } from "@cloud-design/core/testing/secrets-manager";
import { expect, test } from "vitest";
import { GatewayEnvironment } from "./env.ts";
import { readSecrets } from "./secrets.ts";

const GIVEN = {
  INVENTORY_URL: "http://inventory",
  BILLING_URL: "http://billing",
  ORDERS_QUEUE_URLS: '{"standard":"http://sqs/orders","priority":"http://sqs/orders-priority"}',
  SITE_URL: "https://movies.example",
};
const SECRET = "a secret of thirty-two characters";
const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;

test.each([{ ORDER_ID_SECRET: SECRET }, { ORDER_ID_SECRET_ARN: arnOf("order-id") }])(
  "%j is sufficient",
  (source) => {
    expect(parseEnvironment(GatewayEnvironment, { ...GIVEN, ...source })).toMatchObject(source);
  },
);

test.each([
  ["neither the order ids' secret nor its ARN", {}],
  ["both", { ORDER_ID_SECRET: SECRET, ORDER_ID_SECRET_ARN: arnOf("order-id") }],
])("%s gives an error that names the setting", (_, source) => {
  expect(() => parseEnvironment(GatewayEnvironment, { ...GIVEN, ...source })).toThrow(
    "ORDER_ID_SECRET (must be set, or ORDER_ID_SECRET_ARN, and not both)",
  );
});

test("one sentence names a missing secret and a missing URL", () => {
  expect(() => parseEnvironment(GatewayEnvironment, { ...GIVEN, SITE_URL: undefined })).toThrow(
    /SITE_URL.*ORDER_ID_SECRET/,
  );
});

test("secrets are read by their ARNs, and one that is too short for order ids gives an error with its ARN", async () => {
  const secretsManager = await startSecretsManager();
  Object.assign(process.env, secretsManager.env);
  const [orderId, origin, short] = [arnOf("order-id"), arnOf("origin"), arnOf("short")];
  secretsManager.values = new Map([
    [orderId, SECRET],
    [origin, "only CloudFront knows"],
    [short, "hunter2"],
  ]);
  expect(await readSecrets({ ORDER_ID_SECRET_ARN: orderId, ORIGIN_SECRET_ARN: origin })).toEqual({
    orderIdSecret: SECRET,
    originSecret: "only CloudFront knows",
  });
  await expect(readSecrets({ ORDER_ID_SECRET_ARN: short })).rejects.toThrow(
    `The secret ${short} must have at least 32 characters.`,
  );
  expect(await readSecrets({ ORDER_ID_SECRET: SECRET })).toEqual({
    orderIdSecret: SECRET,
    originSecret: undefined,
  });
  secretsManager.close();
});
