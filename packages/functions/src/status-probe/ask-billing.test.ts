import { expect, test } from "vitest";
import { askBilling } from "./ask-billing.ts";

test("waiting for a token ends when the signal aborts", async () => {
  const { signal, abort } = controlled();
  const token = { get: () => new Promise<string>(() => {}), forget() {} };
  const asked = askBilling({ billingUrl: "http://127.0.0.1:1", token }, [], signal);
  abort();
  await expect(asked).rejects.toThrow("too late");
});

test("no token is requested after the signal has aborted", async () => {
  const { signal, abort } = controlled();
  abort();
  const token = { get: () => Promise.reject(new Error("asked")), forget() {} };
  await expect(askBilling({ billingUrl: "http://127.0.0.1:1", token }, [], signal)).rejects.toThrow(
    "too late",
  );
});

function controlled(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error("too late")) };
}
