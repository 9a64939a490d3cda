import { registerHooks } from "node:module";

/** Loaded before billing: recording an order throws, so each connection ends with its first message. */
const RECORDER =
  "data:text/javascript,export const createOrderRecorder = () => ({ handle: async () => { throw new Error('a bug'); } });";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./order-recorder.ts" ? { url: RECORDER, shortCircuit: true } : next(specifier, context),
});
