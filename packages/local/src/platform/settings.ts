import { resolve } from "node:path";
import { parseFlags } from "../supervisor/flags.ts";
import { SetupError } from "../supervisor/part.ts";

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
} as const;

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
}

export const ROOT = resolve(import.meta.dirname, "../../../..");
export const PORT_NAMES = Object.keys(DEFAULT_PORTS) as PortName[];

export const START_HELP = [
  "npm start [-- FLAG...]",
  "  --fresh              begin anew: deletes databases, queues and logs",
  "  --no-seed            start without the demo data",
  "  --host ADDRESS       who may reach site, API and sign-in; default 127.0.0.1, this machine alone",
  `  --ports N            all ports from N to N + ${PORT_NAMES.length - 1}, as beside another clone's platform`,
  ...PORT_NAMES.map((name) => `  ${`${portFlag(name)} N`.padEnd(32)}default ${DEFAULT_PORTS[name]}`),
].join("\n");

/** Where the platform of this clone keeps its state; CLOUD_DESIGN_LOCAL puts a second platform beside the first. */
export function localDirectory(): string {
  return resolve(ROOT, process.env.CLOUD_DESIGN_LOCAL ?? ".local");
}

/** How a person calls the command line: through npm, or by the command that the image names. */
export const COMMAND_LINE = process.env.CLOUD_DESIGN_COMMAND ?? "npm run -s";

export function portFlag(name: PortName): string {
  return `--${name}-port`;
}

/** The flag that moves a port of these settings. */
export function flagOfPort({ ports }: Settings, port: number): string | undefined {
  const name = PORT_NAMES.find((candidate) => ports[candidate] === port);
  return name && portFlag(name);
}

export function parseSettings(args: string[]): Settings & { help: boolean } {
  const portOptions = PORT_NAMES.map((name) => [`${name}-port`, { type: "string" }] as const);
  const { values, positionals } = parseFlags("npm start", args, {
    fresh: { type: "boolean" },
    "no-seed": { type: "boolean" },
    host: { type: "string", default: "127.0.0.1" },
    ports: { type: "string" },
    help: { type: "boolean", short: "h" },
    ...Object.fromEntries(portOptions),
  });
  if (positionals[0] !== undefined) throw new SetupError(`npm start takes no argument ${positionals[0]}.`);
  const ports: Record<PortName, number> = { ...DEFAULT_PORTS };
  if (values.ports !== undefined) Object.assign(ports, portsFrom(parseBase(String(values.ports))));
  for (const name of PORT_NAMES) {
    const value = values[`${name}-port`];
    if (value !== undefined) ports[name] = parsePort(name, String(value));
  }
  refuseSharedPorts(ports);
  return {
    root: ROOT,
    directory: localDirectory(),
    ports,
    host: String(values.host),
    fresh: values.fresh === true,
    seed: values["no-seed"] !== true,
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
  const moved = PORT_NAMES.filter((name) => ports[name] !== DEFAULT_PORTS[name]);
  return Object.fromEntries(moved.map((name) => [DEFAULT_PORTS[name], ports[name]]));
}

function parseBase(value: string): number {
  const base = Number(value);
  const max = 65_535 - PORT_NAMES.length + 1;
  if (/^\d+$/.test(value) && base >= 1 && base <= max) return base;
  throw new SetupError(
    `--ports takes the first of ${PORT_NAMES.length} ports, from 1 to ${max}, not "${value}".`,
  );
}

function parsePort(name: PortName, value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port;
  throw new SetupError(`${portFlag(name)} takes a port from 1 to 65535, not "${value}".`);
}

function refuseSharedPorts(ports: Record<PortName, number>): void {
  for (const name of PORT_NAMES) {
    const other = PORT_NAMES.find((candidate) => candidate !== name && ports[candidate] === ports[name]);
    if (other === undefined) continue;
    throw new SetupError(
      `${name} and ${other} cannot share port ${ports[name]}: move one with ${portFlag(name)} N or ${portFlag(other)} N.`,
    );
  }
}
