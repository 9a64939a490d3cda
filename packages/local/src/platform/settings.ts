import { resolve } from "node:path";
import { parseFlags } from "../supervisor/flags.ts";
import { SetupError } from "../supervisor/part.ts";
import { chosenStamp, portOf } from "./stamp.ts";

/**
 * In the order of their places above the base of `--ports`. All are below 32768, where Linux begins to assign ports to outgoing
 * connections: such a connection could hold the port of a server that restarts.
 */
const DEFAULT_PORTS = {
  gateway: 3000,
  site: 4000,
  telemetry: 4318,
  inventory: 8080,
  billing: 8081,
  identity: 9000,
  sqs: 9324,
  s3: 9325,
  "gateway-metrics": 9464,
  "order-bridge-metrics": 9465,
  "inventory-metrics": 9466,
  "billing-metrics": 9467,
  "status-probe-metrics": 9468,
  "inventory-database": 15432,
  "billing-database": 15433,
  rabbitmq: 15720,
  epmd: 15721,
  "rabbitmq-distribution": 15722,
  copies: 8180,
} as const;

/** The services of which several processes can run, each behind a balancer. */
export const COPIED = ["inventory", "billing"] as const;
export type Copied = (typeof COPIED)[number];
/** Enough to show balancing; each process takes about 40 MB. */
const COPIES_MAX = 4;
/** Each copy has a port, and one for its metrics. */
const COPY_PORTS = 2 * COPIED.length * COPIES_MAX;

export type PortName = keyof typeof DEFAULT_PORTS;

export interface Settings {
  root: string;
  /** Everything that the platform keeps: state, logs and its description. */
  directory: string;
  ports: Record<PortName, number>;
  /** The address that site, gateway and identity server listen on. */
  host: string;
  fresh: boolean;
  seed: boolean;
  /** How many processes of each service run. */
  copies: Record<Copied, number>;
}

export const ROOT = resolve(import.meta.dirname, "../../../..");
export const PORT_NAMES = Object.keys(DEFAULT_PORTS) as PortName[];
/** The ports of the copies come last and need several places. */
const PLACES = PORT_NAMES.length - 1 + COPY_PORTS;

export const START_HELP = [
  "npm start [-- FLAG...]",
  "  --fresh              begin anew: deletes databases, queues and logs",
  "  --no-seed            start without the demo data",
  "  --host ADDRESS       who may reach site, API and sign-in; default 127.0.0.1, this machine alone",
  `  --inventory N        processes of inventory behind a balancer, 1 to ${COPIES_MAX}; default 1, without a balancer`,
  "  --billing N          the same for billing",
  "  --stamp LETTER       a second platform of this clone, b to z: with ports and state of its own, beside the first",
  `  --ports N            all ports from N to N + ${PLACES - 1}, as beside another clone's platform`,
  ...PORT_NAMES.map((name) => `  ${`${portFlag(name)} N`.padEnd(32)}default ${DEFAULT_PORTS[name]}`),
  `${" ".repeat(34)}(the first of ${COPY_PORTS}, for --inventory and --billing)`,
].join("\n");

/** Where the platform of this clone keeps its state: `.local` or CLOUD_DESIGN_LOCAL, for the stamp b `.local-b`. */
export function localDirectory(): string {
  const stamp = chosenStamp();
  const directory = process.env.CLOUD_DESIGN_LOCAL ?? ".local";
  return resolve(ROOT, stamp === undefined ? directory : `${directory}-${stamp}`);
}

/** How a person calls the command line: through npm, or by the command that the image names. */
export const COMMAND_LINE = process.env.CLOUD_DESIGN_COMMAND ?? "npm run -s";

export function portFlag(name: PortName): string {
  return `--${name}-port`;
}

/** The flag that moves a port of these settings. */
export function flagOfPort(settings: Settings, port: number): string | undefined {
  return usedPorts(settings).find((used) => used.port === port)?.flag;
}

interface Copy {
  name: string;
  port: number;
  metricsPort: number;
}

/** The processes of a service behind its balancer; empty if only one process runs, because it needs no balancer. */
export function copiesOf({ ports, copies }: Pick<Settings, "ports" | "copies">, noun: Copied): Copy[] {
  if (copies[noun] === 1) return [];
  const first = ports.copies + COPIED.indexOf(noun) * COPIES_MAX;
  return Array.from({ length: copies[noun] }, (_, index) => ({
    name: `${noun}-${index + 1}`,
    port: first + index,
    metricsPort: first + index + COPIED.length * COPIES_MAX,
  }));
}

export function parseSettings(args: string[]): Settings & { help: boolean } {
  const portOptions = PORT_NAMES.map((name) => [`${name}-port`, { type: "string" }] as const);
  const { values, positionals } = parseFlags("npm start", args, {
    fresh: { type: "boolean" },
    "no-seed": { type: "boolean" },
    host: { type: "string", default: "127.0.0.1" },
    ports: { type: "string" },
    ...Object.fromEntries(COPIED.map((noun) => [noun, { type: "string", default: "1" }] as const)),
    help: { type: "boolean", short: "h" },
    ...Object.fromEntries(portOptions),
  });
  if (positionals[0] !== undefined) throw new SetupError(`npm start takes no argument ${positionals[0]}.`);
  const stamp = chosenStamp();
  const ports: Record<PortName, number> = {
    ...DEFAULT_PORTS,
    ...(stamp !== undefined && portsFrom(portOf(stamp))),
    ...(values.ports !== undefined && portsFrom(parseBase(String(values.ports)))),
  };
  for (const name of PORT_NAMES) {
    const value = values[`${name}-port`];
    if (value !== undefined) ports[name] = parsePort(name, String(value));
  }
  const copies: Record<Copied, number> = {
    inventory: parseCopies("inventory", String(values.inventory)),
    billing: parseCopies("billing", String(values.billing)),
  };
  refuseSharedPorts({ ports, copies });
  return {
    root: ROOT,
    directory: localDirectory(),
    ports,
    host: String(values.host),
    fresh: values.fresh === true,
    seed: values["no-seed"] !== true,
    copies,
    help: values.help === true,
  };
}

/** Every port, by its place above a base. */
export function portsFrom(base: number): Record<PortName, number> {
  return Object.fromEntries(PORT_NAMES.map((name, place) => [name, base + place])) as Record<
    PortName,
    number
  >;
}

/** Maps each documented port that this platform does not use to the port that it uses instead. */
export function movedPorts(ports: Record<PortName, number>): Record<number, number> {
  const pairs = PORT_NAMES.flatMap((name) =>
    Array.from({ length: name === "copies" ? COPY_PORTS : 1 }, (_, place) => [
      DEFAULT_PORTS[name] + place,
      ports[name] + place,
    ]),
  );
  return Object.fromEntries(pairs.filter(([documented, port]) => documented !== port));
}

function parseBase(value: string): number {
  const base = Number(value);
  const max = 65_535 - PLACES + 1;
  if (/^\d+$/.test(value) && base >= 1 && base <= max) return base;
  throw new SetupError(`--ports takes the first of ${PLACES} ports, from 1 to ${max}, not "${value}".`);
}

function parsePort(name: PortName, value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port;
  throw new SetupError(`${portFlag(name)} takes a port from 1 to 65535, not "${value}".`);
}

function parseCopies(noun: Copied, value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= COPIES_MAX) return count;
  throw new SetupError(`--${noun} takes a number of processes from 1 to ${COPIES_MAX}, not "${value}".`);
}

/** Every port that these settings use, with the flag that moves it. */
function usedPorts(settings: Pick<Settings, "ports" | "copies">) {
  const named = PORT_NAMES.filter((name) => name !== "copies").map((name) => ({
    name,
    port: settings.ports[name],
    flag: portFlag(name),
  }));
  const copies = COPIED.flatMap((noun) => copiesOf(settings, noun)).flatMap(({ name, port, metricsPort }) => [
    { name, port, flag: portFlag("copies") },
    { name: `${name}-metrics`, port: metricsPort, flag: portFlag("copies") },
  ]);
  return [...named, ...copies];
}

function refuseSharedPorts(settings: Pick<Settings, "ports" | "copies">): void {
  const used = usedPorts(settings);
  for (const one of used) {
    const other = used.find((candidate) => candidate !== one && candidate.port === one.port);
    if (other === undefined) continue;
    throw new SetupError(
      `${one.name} and ${other.name} cannot share port ${one.port}: move one with ${one.flag} N or ${other.flag} N.`,
    );
  }
}
