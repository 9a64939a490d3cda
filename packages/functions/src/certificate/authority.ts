import { createAuthority, createServerIdentity, type Identity } from "@cloud-design/core/certificate";
import * as z from "zod";
import type { Wanted } from "./protocol.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A client whose clock is behind must not refuse a new certificate as not yet valid. */
const BACKDATED_MS = 60 * 60 * 1_000;
/** Clients learn of a new authority only by a deployment; docs/deploy.md describes it. */
const AUTHORITY_DAYS = 3_650;
/** Weekly renewals may fail for twelve weeks. */
const CERTIFICATE_DAYS = 90;
/**
 * A new authority does not sign until all clients trust it: a deployment takes at most an hour, and the next renewal
 * comes within a week.
 */
const UNTOLD_DAYS = 2;
/** The newest authority and the one before, which signed certificates that are still in use. */
const KEPT = 2;

const Authority = z.object({
  generation: z.string(),
  madeAt: z.iso.datetime(),
  key: z.string().startsWith("-----BEGIN"),
  cert: z.string().startsWith("-----BEGIN"),
});
/** Newest first; empty in the secret that CloudFormation creates. */
export const Authorities = z.object({ authorities: z.array(Authority).max(KEPT) });
export type Authorities = z.output<typeof Authorities>["authorities"];

/** The certificates of a stage: the load balancer's for its callers, a task's for the load balancer, and the broker's for its clients. */
export interface Certificates {
  balancer: Identity;
  task: Identity;
  /** Undefined where Amazon MQ brings its own. */
  broker: Identity | undefined;
  /** The certificate of the authority that signed all of them, which servers send along. */
  issuer: string;
}

/**
 * The list with an authority of this generation in front: unchanged when it is there, shortened when a deployment was rolled back to it, and
 * otherwise with a new one.
 */
export function withGeneration(
  authorities: Authorities,
  generation: string,
  { names, stage, now }: { names: readonly string[]; stage: string; now: Date },
): Authorities {
  const at = authorities.findIndex((authority) => authority.generation === generation);
  if (at >= 0) return at === 0 ? authorities : authorities.slice(at);
  const made = createAuthority({
    commonName: `cloud-design ${stage} ${generation}`,
    domains: [...new Set([...names.map(domainOf), "localhost"])],
    ...validity(now, AUTHORITY_DAYS),
  });
  return [{ generation, madeAt: now.toISOString(), ...made }, ...authorities].slice(0, KEPT);
}

/** Issues certificates that end no later than the authority that signs them. */
export function issue(
  authorities: Authorities,
  { names, broker }: Pick<Wanted, "names" | "broker">,
  now: Date,
): Certificates {
  const authority = signerOf(authorities, now);
  const end = Date.parse(authority.madeAt) + AUTHORITY_DAYS * DAY_MS;
  if (end <= now.getTime()) throw new Error("The authority has ended: make another one (docs/deploy.md).");
  const { from, until } = validity(now, CERTIFICATE_DAYS);
  const life = { from, until: new Date(Math.min(until.getTime(), end)) };
  const identity = (commonName: string, names: readonly string[]) =>
    createServerIdentity({ commonName, names, authority, ...life });
  return {
    balancer: identity("balancer", names),
    // A task's certificate is for localhost only: its key cannot impersonate the load balancer.
    task: identity("task", ["localhost"]),
    broker: broker && identity("broker", broker.names),
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

/** The domain of this region's load balancers, so that a new one does not need a new authority. */
function domainOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}
