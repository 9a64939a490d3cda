import { createHmac } from "node:crypto";

const PREFIX = "whsec_";

/**
 * The secret of a webhook as its owner gets it. It is derived from the stage's secret, so no table has it; 32 bytes, of
 * the 24 to 64 that the specification allows (Standard Webhooks, "Signature scheme").
 */
export function secretOf(webhookId: string, stageSecret: string): string {
  const key = createHmac("sha256", stageSecret)
    .update(JSON.stringify(["webhook", webhookId]))
    .digest("base64");
  return PREFIX + key;
}

/** The headers that sign a body (Standard Webhooks 1.0, "Webhook headers (sending metadata to consumers)"). */
export function signedHeaders(
  message: { id: string; body: string },
  { secret, now }: { secret: string; now: Date },
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signature = createHmac("sha256", Buffer.from(secret.slice(PREFIX.length), "base64"))
    .update(`${message.id}.${timestamp}.${message.body}`)
    .digest("base64");
  return { "webhook-id": message.id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
