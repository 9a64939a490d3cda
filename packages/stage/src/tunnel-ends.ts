import * as z from "zod";

/** The targets of a tunnel, and the laptop's port for each; `npm start` does not use these ports. */
export const TUNNEL_PORTS = {
  inventory: 18_080,
  billing: 18_081,
  movies: 18_432,
  orders: 18_433,
  broker: 18_671,
} as const;
export type TunnelTarget = keyof typeof TUNNEL_PORTS;
export const TUNNEL_TARGETS = Object.keys(TUNNEL_PORTS) as TunnelTarget[];

/**
 * The labels of the tunnel's container: where to run the task, and its targets, by the addresses that the services use. So one request gives a
 * command all that it needs.
 */
export const TunnelLabels = z.object({
  cluster: z.string(),
  /** Separated by commas. */
  subnets: z.string(),
  group: z.string(),
  inventory: z.string(),
  billing: z.string(),
  movies: z.string(),
  orders: z.string(),
  broker: z.string(),
  /** The ARNs of the services' credentials. */
  moviesSecret: z.string(),
  ordersSecret: z.string(),
});
export type TunnelLabels = z.output<typeof TunnelLabels>;

/** The same address at the local end of a tunnel, with the same protocol. The URL is not parsed: in a template its host is not known yet. */
export function hereOf(url: string, port: number): string {
  return `${url.slice(0, url.indexOf("://"))}://localhost:${port}`;
}
