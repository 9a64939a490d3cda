import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * Addresses that are not public (IANA registries "IPv4 Special-Purpose Address Space" and "IPv6 Special-Purpose Address
 * Space"), with multicast and reserved space. IANA has assigned only 2000::/3 of IPv6. Two lists, because one list would take
 * an IPv4 address for one of ::ffff:0:0/96.
 */
const NOT_PUBLIC = {
  4: blockList("ipv4", [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 3],
  ]),
  6: blockList("ipv6", [
    ["::", 3],
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["3fff::", 20],
    ["4000::", 2],
    ["8000::", 1],
  ]),
};

function blockList(
  family: "ipv4" | "ipv6",
  networks: readonly (readonly [address: string, prefix: number])[],
) {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, family);
  return list;
}

/** Whether an IP address belongs to the internet, and to no private or special network. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC[4].check(address, "ipv4");
  return isIPv6(address) && !NOT_PUBLIC[6].check(address, "ipv6");
}

export interface ReceiverRules {
  /** Whether `http` to the machine's own loopback addresses is allowed, as on a laptop. */
  isLoopbackAllowed: boolean;
}

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** Why a receiver's address is refused, without asking DNS; undefined for a good one. */
export function refusalOf(address: string, { isLoopbackAllowed }: ReceiverRules): string | undefined {
  const { protocol, hostname, username, password, hash } = new URL(address);
  if (username || password || hash) return "must have no user name, password or fragment";
  if (isLoopbackAllowed && protocol === "http:" && LOOPBACK_HOSTS.includes(hostname)) return undefined;
  if (protocol !== "https:") return "must begin with https://";
  // URL writes an address in brackets, and every spelling of an IPv4 address in decimal.
  const literal = hostname.replace(/^\[|\]$/g, "");
  // The function that posts stands outside a network of ours, where it has no IPv6.
  if (isIPv6(literal)) return "must be a name, or an IPv4 address";
  if (isIPv4(literal) && !isPublic(literal)) return "must have a public address";
  return undefined;
}
