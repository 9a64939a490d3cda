import { createAuthority, createServerIdentity, type Identity } from "@cloud-design/core/certificate";
import * as z from "zod";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A clock that is behind must not take a new certificate for one that is not valid yet. */
const BACKDATED_MS = 60 * 60 * 1_000;
/** Who trusts an authority learns of the next one by a deployment alone; docs/deploy.md says how. */
const AUTHORITY_DAYS = 3_650;
/** Thirteen renewals may fail in a row. */
const CERTIFICATE_DAYS = 90;
/** A new authority signs nothing until everybody has been told of it: a deployment takes an hour at most, and the next renewal comes within a week. */
const UNTOLD_DAYS = 2;
/** The new one, and the one before, which certificates of yesterday still come from. */
const KEPT = 2;

const Authority = z.object({
  generation: z.string(),
  madeAt: z.iso.datetime(),
  key: z.string().startsWith("-----BEGIN"),
  cert: z.string().startsWith("-----BEGIN"),
});
/** Newest first; what CloudFormation made the secret with holds none. */
export const Authorities = z.object({ authorities: z.array(Authority).max(KEPT) });
export type Authorities = z.output<typeof Authorities>["authorities"];

/** What the servers of a stage show: the balancer to its callers, a task to the balancer. */
export interface Certificates {
  balancer: Identity;
  task: Identity;
  /** Of the authority that has signed both, to be sent along. */
  issuer: string;
}

/** With an authority of this generation, made when there is none; the same list when there is one. */
export function withGeneration(
  authorities: Authorities,
  generation: string,
  { names, stage, now }: { names: readonly string[]; stage: string; now: Date },
): Authorities {
  if (authorities[0]?.generation === generation) return authorities;
  const made = createAuthority({
    commonName: `cloud-design ${stage} ${generation}`,
    domains: [...new Set([...names.map(domainOf), "localhost"])],
    ...validity(now, AUTHORITY_DAYS),
  });
  return [{ generation, madeAt: now.toISOString(), ...made }, ...authorities].slice(0, KEPT);
}

/** Never beyond the end of the authority that signs. */
export function issue(authorities: Authorities, names: readonly string[], now: Date): Certificates {
  const authority = signerOf(authorities, now);
  const end = Date.parse(authority.madeAt) + AUTHORITY_DAYS * DAY_MS;
  if (end <= now.getTime()) throw new Error("The authority has ended: make another one (docs/deploy.md).");
  const { from, until } = validity(now, CERTIFICATE_DAYS);
  const life = { from, until: new Date(Math.min(until.getTime(), end)) };
  const identity = (commonName: string, names: readonly string[]) =>
    createServerIdentity({ commonName, names, authority, ...life });
  return {
    balancer: identity("balancer", names),
    // As it calls itself: a task's key is no key to the balancer's name.
    task: identity("task", ["localhost"]),
    issuer: authority.cert,
  };
}

function signerOf(authorities: Authorities, now: Date): Authorities[number] {
  const told = authorities.find(({ madeAt }) => now.getTime() - Date.parse(madeAt) > UNTOLD_DAYS * DAY_MS);
  const signer = told ?? authorities.at(-1);
  if (!signer) throw new Error("There is no authority to sign with.");
  return signer;
}

function validity(now: Date, days: number): { from: Date; until: Date } {
  return { from: new Date(now.getTime() - BACKDATED_MS), until: new Date(now.getTime() + days * DAY_MS) };
}

/** Where balancers of this region have their names, so that a new balancer needs no new authority. */
function domainOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}
