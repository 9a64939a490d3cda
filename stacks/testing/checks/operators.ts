import type { App } from "../app.ts";
import { referencesIn } from "../references.ts";

/** What operators alone may invoke, by IAM. */
const OPERATORS_FUNCTION = "DeadLetters/DeadLetters";

/** No route, address, schedule, queue or permission leads to it: nothing names it but the parameter in which SST notes what it has made. */
export function operatorsFunction({ resources }: App): string[] {
  return resources
    .filter(({ type }) => type !== "AWS::SSM::Parameter")
    .filter(({ properties }) => referencesIn(properties).includes(OPERATORS_FUNCTION))
    .map(({ name }) => `${name} leads to ${OPERATORS_FUNCTION}`);
}
