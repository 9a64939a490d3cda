import { registerHooks } from "node:module";

/** Loaded before billing: recording an order has a bug that throws, so each connection ends with the first message that it brings. */
const RECORDER =
  "data:text/javascript,export const createOrderRecorder = () => ({ handle: async () => { throw new Error('a bug'); } });";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./order-recorder.ts" ? { url: RECORDER, shortCircuit: true } : next(specifier, context),
});
