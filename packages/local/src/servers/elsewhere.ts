import type { ExternalPart } from "../supervisor/fleet.ts";
import { SetupError } from "../supervisor/part.ts";

const USUAL_PORTS: Record<string, number> = {
  "amqp:": 5672,
  "amqps:": 5671,
  "http:": 80,
  "https:": 443,
  "postgres:": 5432,
  "postgresql:": 5432,
};

/** A part that runs already and that this environment variable names; undefined if the variable is not set. */
export function elsewhere(
  name: string,
  variable: string,
  protocols: readonly string[],
): { url: string; external: ExternalPart } | undefined {
  const value = process.env[variable];
  if (!value) return undefined;
  const url = URL.parse(value);
  if (!url || !protocols.includes(url.protocol)) {
    const beginnings = protocols.map((protocol) => `${protocol}//`);
    throw new SetupError(`${variable} is not a URL that begins with ${beginnings.join(" or ")}.`);
  }
  const port = Number(url.port) || (USUAL_PORTS[url.protocol] ?? 0);
  return { url: value, external: { name, port, url: `${url.protocol}//${url.hostname}:${port}` } };
}
