import { registerHooks } from "node:module";
import { HttpProblem } from "@cloud-design/http";

/** Loaded before the stand-in of API Gateway, in place of its authorizer: the throttle of each route is used up. */
export function createAuthorizer() {
  return async () => {
    throw new HttpProblem("too-many-requests", "The throttle of the route is used up.");
  };
}

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./authorizer.ts" ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
});
