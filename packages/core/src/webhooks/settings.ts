import * as z from "zod";
import { SecretArn } from "../environment.ts";
import { readSecret } from "../secrets.ts";

/** The settings of the two programs that know secrets of webhooks: inventory, which tells them, and the function that signs. */
export const WebhookEnvironment = z.object({
  /** The stage's secret, of which the secret of each webhook is derived. After a change, receivers refuse every delivery. */
  WEBHOOK_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  WEBHOOK_SECRET_ARN: SecretArn.optional(),
  /** Allows receivers on this machine, by http. Only a laptop sets it. */
  WEBHOOK_LOOPBACK: z.literal("allowed").optional(),
});
export type WebhookEnvironment = z.output<typeof WebhookEnvironment>;

/** Reads the stage's secret, whose value is in the environment on a laptop alone. Rejects without either setting. */
export function stageSecretFrom({
  WEBHOOK_SECRET,
  WEBHOOK_SECRET_ARN,
}: WebhookEnvironment): () => Promise<string> {
  if (WEBHOOK_SECRET_ARN !== undefined) return () => readSecret(WEBHOOK_SECRET_ARN);
  return async () => {
    if (WEBHOOK_SECRET !== undefined) return WEBHOOK_SECRET;
    throw new Error("The environment lacks WEBHOOK_SECRET_ARN, or WEBHOOK_SECRET.");
  };
}
