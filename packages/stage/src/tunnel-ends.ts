import * as z from "zod";

/** What can be reached through a tunnel, and the port of a laptop at which it then is: none that `npm start` takes. */
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
 * What the tunnel's task says of itself by the labels of its container: where to run it, and what it reaches, by the addresses that the
 * services themselves are given. So one question tells a command all that it needs.
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
  /** The ARNs of what the services sign in with. */
  moviesSecret: z.string(),
  ordersSecret: z.string(),
});
export type TunnelLabels = z.output<typeof TunnelLabels>;

/** The same at the end of a tunnel, by the same protocol. No URL is parsed: in a template its host is not known yet. */
export function hereOf(url: string, port: number): string {
  return `${url.slice(0, url.indexOf("://"))}://localhost:${port}`;
}
