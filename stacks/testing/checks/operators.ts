import type { App } from "../app.ts";
import { referencesIn } from "../references.ts";

/** The function that only operators may invoke, by IAM. */
const OPERATORS_FUNCTION = "DeadLetters/DeadLetters";

/** No route, address, schedule, queue or permission refers to it; only SST's parameter with the metadata of constructs names it. */
export function operatorsFunction({ resources }: App): string[] {
  return resources
    .filter(({ type }) => type !== "AWS::SSM::Parameter")
    .filter(({ properties }) => referencesIn(properties).includes(OPERATORS_FUNCTION))
    .map(({ name }) => `${name} leads to ${OPERATORS_FUNCTION}`);
}
