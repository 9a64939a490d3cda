import { Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isPublic } from "@cloud-design/core/webhooks/receiver";

/** Not `dns.lookup`, which reads /etc/hosts, and whose four threads a slow name server would take from all receivers. */
const resolver = new Resolver({ timeout: 2_000, tries: 2 });

/**
 * A look-up for a connection that fails if any address of the name is not public. The connection uses the addresses
 * that were checked, so a name server that answers differently the next time changes nothing. IPv4 alone: a function
 * outside a VPC has no other.
 */
export function publicLookup(
  resolve: (hostname: string) => Promise<string[]> = (hostname) => resolver.resolve4(hostname),
  isGood = isPublic,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname)
      .then((addresses) => {
        if (!addresses.every(isGood)) throw new Error("The host has an address that is not public");
        return addresses.map((address) => ({ address, family: 4 }));
      })
      .then(
        (found) => (options.all ? callback(null, found) : callback(null, found[0]?.address ?? "", 4)),
        (error) => callback(error, []),
      );
  };
}
