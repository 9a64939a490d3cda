import type { App } from "../app.ts";
import { hasReference } from "../references.ts";

const SECRET_NAMES = /(password|secret|secret_?string|token|credentials|private_?key|api_?key)$/i;
/** AWS access keys, private keys, and URLs that contain a password. */
const SECRET_VALUES = /AKIA[0-9A-Z]{16}|-----BEGIN|:\/\/[^/\s:@]+:[^/\s@]+@/;
/** Lists of names and values: a container's settings, tags, headers. */
const PAIRS = [
  ["Name", "Value"],
  ["Key", "Value"],
  ["HeaderName", "HeaderValue"],
] as const;

/** No template holds a secret: AWS generates each one, and the templates read it by reference. */
export function secretLiterals({ resources }: App): string[] {
  return resources.flatMap(({ name, properties }) =>
    literalsIn(properties, "").map((path) => `${name} has a secret in plain text at ${path}`),
  );
}

function literalsIn(value: unknown, path: string): string[] {
  // Token lifetimes have names that contain `token`.
  if (path === "TokenValidityUnits") return [];
  if (typeof value === "string") return isSecret(value, path.split(".").at(-1) ?? "") ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  const item: Record<string, unknown> = { ...value };
  const pairs = PAIRS.flatMap(([name, text]) => (name in item ? [[String(item[name]), item[text]]] : []));
  return [...Object.entries(item), ...pairs].flatMap(([key, child]) =>
    literalsIn(child, path === "" ? String(key) : `${path}.${key}`),
  );
}

function isSecret(value: string, name: string): boolean {
  if (SECRET_VALUES.test(value)) return true;
  const isReference = hasReference(value) || value.includes("{{resolve:secretsmanager:");
  return SECRET_NAMES.test(name) && value !== "" && !isReference;
}
