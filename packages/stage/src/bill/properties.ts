import { Refusal } from "../refusal.ts";
import type { Resource } from "./templates.ts";

/** The resource of the same stack that a `Ref` or `Fn::GetAtt` names. */
export function referred(from: Resource, reference: unknown, all: readonly Resource[]): Resource | undefined {
  const { Ref, "Fn::GetAtt": attribute } = record(reference);
  const id = Ref ?? (Array.isArray(attribute) ? attribute[0] : undefined);
  return all.find((one) => one.stack === from.stack && one.id === id);
}

export function text(resource: Resource, property: string): string {
  const value = resource.properties[property];
  if (typeof value !== "string") throw unpriced(resource, property);
  return value;
}

export function figure(resource: Resource, property: string, fallback?: number): number {
  const value = Number(resource.properties[property] ?? fallback);
  if (!Number.isFinite(value)) throw unpriced(resource, property);
  return value;
}

export function list({ properties }: Resource, property: string): Record<string, unknown>[] {
  const value = properties[property];
  return Array.isArray(value) ? value : [];
}

export function record(value: unknown): Record<string, unknown> {
  return Object(value);
}

export function known(resource: Resource, what: string, usd: number | undefined): number {
  if (usd === undefined) throw unpriced(resource, what);
  return usd;
}

export function unpriced({ stack, id, type }: Resource, what?: string): Refusal {
  const of = what === undefined ? "" : `${what} of `;
  return new Refusal(
    `The bill knows no price for ${of}${type} (${stack}/${id}): add it to packages/stage/src/bill/priced.ts, or to free.ts with the reason.`,
  );
}
