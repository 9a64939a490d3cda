import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { parse } from "yaml";
import * as z from "zod";

/** The names of the ports in compose.yaml, with their numbers here, where all containers share this machine's network. */
export type Addresses = Record<(typeof ADDRESSES)[number], number>;
export const ADDRESSES = [
  "inventory-database:5432",
  "billing-database:5432",
  "rabbitmq:5672",
  "inventory-app:8080",
  "billing-app:8080",
  "api-gateway-app:3000",
  "api-gateway-app:4000",
  "api-gateway-app:9000",
] as const;

const Service = z.object({
  build: z.union([
    z.string().transform((context) => ({ context, dockerfile: `${context}/Dockerfile`, args: {} })),
    z.object({
      context: z.string(),
      dockerfile: z.string(),
      args: z.record(z.string(), z.string()).default({}),
    }),
  ]),
  environment: z.record(z.string(), z.string()),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.unknown()).default({}),
});
const ComposeFile = z.object({ services: z.record(z.string(), Service) });

export type Service = z.output<typeof Service>;

/** The services of compose.yaml, with generated credentials, at these addresses. */
export function readServices(addresses: Addresses): Record<string, Service> {
  const credentials = new Map<string, string>();
  const credential = (_: string, name: string) => {
    const value = credentials.get(name) ?? randomBytes(24).toString("hex");
    credentials.set(name, value);
    return value;
  };
  let text = readFileSync(join(ROOT, "compose.yaml"), "utf8").replaceAll(/\$\{(\w+):\?[^}]*\}/g, credential);
  for (const name of ADDRESSES) text = text.replaceAll(name, `127.0.0.1:${addresses[name]}`);
  return ComposeFile.parse(parse(text, { merge: true })).services;
}
