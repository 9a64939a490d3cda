import { expect, test } from "vitest";
import { askBilling } from "./ask-billing.ts";

test("a token that does not come takes no longer than the signal allows", async () => {
  const { signal, abort } = controlled();
  const token = { get: () => new Promise<string>(() => {}), forget() {} };
  const asked = askBilling({ billingUrl: "http://127.0.0.1:1", token }, [], signal);
  abort();
  await expect(asked).rejects.toThrow("too late");
});

test("once it is too late nobody is asked for a token", async () => {
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
