import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const Secret = z.string().min(32);
const Secrets = z.object({
  databaseAdmin: Secret,
  inventory: Secret,
  billing: Secret,
  rabbitmq: Secret,
  orderId: Secret,
  webhooks: Secret,
});
export type Secrets = z.output<typeof Secrets>;

/**
 * The passwords of this clone's servers: created once, readable by their owner only, deleted with the state that they protect.
 * Services that run elsewhere have passwords already: `INVENTORY_DATABASE_PASSWORD` and `BILLING_DATABASE_PASSWORD` name them.
 */
export function loadSecrets(stateDirectory: string): Secrets {
  const own = ownSecrets(stateDirectory);
  const { INVENTORY_DATABASE_PASSWORD: inventory, BILLING_DATABASE_PASSWORD: billing } = process.env;
  return { ...own, inventory: inventory || own.inventory, billing: billing || own.billing };
}

function ownSecrets(stateDirectory: string): Secrets {
  const path = join(stateDirectory, "secrets.json");
  const known = read(path);
  const complete = Secrets.safeParse(known);
  if (complete.success) return complete.data;
  const names = Object.keys(Secrets.shape) as (keyof Secrets)[];
  const fresh = Object.fromEntries(names.map((name) => [name, randomBytes(24).toString("hex")]));
  // An earlier version knew fewer of them. The known ones stay: servers and clients have them already.
  const secrets = Secrets.parse({ ...fresh, ...known });
  mkdirSync(stateDirectory, { recursive: true });
  writeFileSync(path, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

function read(path: string): Partial<Secrets> {
  try {
    return Secrets.partial().parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return {};
  }
}
