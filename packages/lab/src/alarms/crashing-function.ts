import { registerHooks } from "node:module";

/** Loaded before a stand-in of Lambda: the function that BROKEN_FUNCTION names throws in each invocation. */
const HANDLER = "data:text/javascript,export const handler = async () => { throw new Error('a bug'); };";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === process.env.BROKEN_FUNCTION
      ? { url: HANDLER, shortCircuit: true }
      : next(specifier, context),
});
