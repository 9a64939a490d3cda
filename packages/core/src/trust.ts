import { getCACertificates, setDefaultCACertificates } from "node:tls";
import * as z from "zod";

const ONE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Certificates in PEM, one after the other. */
export const Certificates = z
  .string()
  .transform((text) => text.match(ONE) ?? [])
  .refine(({ length }) => length > 0, "must be certificates in PEM");

/** All clients of this process trust these authorities in addition to Node's own. */
export function trustAlso(authorities: readonly string[]): void {
  setDefaultCACertificates([...getCACertificates("default"), ...authorities]);
}
