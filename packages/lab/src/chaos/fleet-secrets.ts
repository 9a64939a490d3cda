import { randomBytes } from "node:crypto";
import { migrate } from "@cloud-design/core/migrate";
import { startSecretsManager } from "@cloud-design/core/testing/secrets-manager";
import type { Lab } from "./lab.ts";

/** A user of its own: the platform and the books need the laboratory's user. */
export const BROKER_USER = "fleet";
const USERS = { inventory: "inventory", billing: "billing", broker: BROKER_USER };

type Secret = keyof typeof USERS;
export type PutPassword = (secret: Secret, password: string) => void;

/** Each database, with the URLs of its service and of its administrator. */
export type Databases = Record<"movies" | "orders", { url: string; adminUrl: string }>;

/** A stand-in for Secrets Manager with the credentials of the services; at the end the roles get their original passwords back. */
export async function openSecrets(lab: Lab, databases: Databases, resources: AsyncDisposableStack) {
  const { values, env, close } = await startSecretsManager();
  resources.defer(close);
  const putPassword: PutPassword = (secret, password) => {
    values.set(arnOf(secret), JSON.stringify({ username: USERS[secret], password }));
  };
  for (const [noun, database] of [
    ["inventory", databases.movies],
    ["billing", databases.orders],
  ] as const) {
    const servicePassword = decodeURIComponent(new URL(database.url).password);
    putPassword(noun, servicePassword);
    resources.defer(async () => void (await migrate(noun, { adminUrl: database.adminUrl, servicePassword })));
  }
  const password = newPassword();
  await lab.broker.setPassword("add_user", BROKER_USER, password);
  resources.defer(async () => void (await lab.broker.control("delete_user", BROKER_USER)));
  await lab.broker.control("set_permissions", BROKER_USER, ".*", ".*", ".*");
  putPassword("broker", password);
  return { env, putPassword };
}

export function arnOf(secret: Secret): string {
  return `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secret}`;
}

export function newPassword(): string {
  return randomBytes(20).toString("hex");
}
