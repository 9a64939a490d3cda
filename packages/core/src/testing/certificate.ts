import { createServerIdentity, type Identity } from "../certificate/index.ts";

const DAY_MILLISECONDS = 24 * 60 * 60 * 1_000;

/** A self-signed certificate for this host, and its key. */
export function selfSignedCertificate(host: string): Identity {
  const [from, until] = [-1, 1].map((days) => new Date(Date.now() + days * DAY_MILLISECONDS)) as [Date, Date];
  return createServerIdentity({ commonName: host, names: [host], from, until });
}
