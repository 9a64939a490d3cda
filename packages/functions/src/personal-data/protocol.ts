import { Owner, Place } from "@cloud-design/core/billing/person";
import * as z from "zod";

/**
 * The request to the function, and to the laptop's command line. A request works for some seconds; the next one
 * continues at the place that the answer names.
 */
export const PersonRequest = z.strictObject({
  action: z.enum(["export", "erase"]),
  owner: Owner,
  /** Without it the walk begins. */
  from: Place.optional(),
  /** The operator, as the caller states it: IAM does not pass the caller's identity to a function. */
  by: z.string().trim().min(1).max(500),
});
export type PersonRequest = z.output<typeof PersonRequest>;

const Row = z.record(z.string(), z.unknown());
/** Null after the last place. */
const next = Place.nullable();

export const ExportAnswer = z.object({ orders: z.array(Row), rejections: z.array(Row), next });
export type ExportAnswer = z.output<typeof ExportAnswer>;

const Count = z.int().min(0);
export const EraseAnswer = z.object({ orders: Count, rejections: Count, next });
export type EraseAnswer = z.output<typeof EraseAnswer>;
