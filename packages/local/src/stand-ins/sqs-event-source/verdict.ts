import * as z from "zod";

const BatchResponse = z.nullish(
  z.object({ batchItemFailures: z.nullish(z.array(z.object({ itemIdentifier: z.string().min(1) }))) }),
);

/**
 * The messages of a batch that a partial batch response leaves in the queue. As on AWS, no response and an empty list mean
 * that every message succeeded; a malformed response, or one that names a message of another batch, means that all failed
 * (Lambda Developer Guide, "Handling errors for an SQS event source").
 */
export function failedIds(messageIds: readonly string[], response: unknown): ReadonlySet<string> {
  const all = new Set(messageIds);
  const parsed = BatchResponse.safeParse(response);
  if (!parsed.success) return all;
  const named = (parsed.data?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier);
  return named.every((id) => all.has(id)) ? new Set(named) : all;
}
