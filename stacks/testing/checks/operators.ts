import type { App } from "../app.ts";
import { referencesIn } from "../references.ts";

/** The functions that only operators may invoke, by IAM. */
const OPERATORS_FUNCTIONS = ["DeadLetters/DeadLetters", "Databases/PersonalData"];

/** No route, address, schedule, queue or permission refers to one; only SST's parameter with the metadata of constructs names them. */
export function operatorsFunctions({ resources }: App): string[] {
  return resources
    .filter(({ type }) => type !== "AWS::SSM::Parameter")
    .flatMap(({ name, properties }) => {
      const references = referencesIn(properties);
      return OPERATORS_FUNCTIONS.filter((it) => references.includes(it)).map(
        (it) => `${name} leads to ${it}`,
      );
    });
}
