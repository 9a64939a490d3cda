/** Replaces `@cloud-design/telemetry` where a gateway without it is measured. */
export async function startTelemetry() {
  return { flush: async () => {} };
}

export function flushed<Handler>(_: unknown, handler: Handler): Handler {
  return handler;
}
