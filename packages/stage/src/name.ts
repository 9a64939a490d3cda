import { Refusal } from "./refusal.ts";
import { REGIONS, unknownRegion } from "./regions.ts";

/** Amazon MQ takes the fewest characters, 50, for a broker's name. */
const LENGTH_MAX = 50 - "-cloud-design-broker".length;
/** RDS takes lower-case letters, digits and single hyphens, a letter first, no hyphen last; a domain of Cognito takes the same. */
const PATTERN = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The domain of the sign-in page is `<stage>-cloud-design-<account>`, and Cognito reserves these words. */
const RESERVED = ["aws", "amazon", "cognito"];

/** The stage is part of the names of databases, broker and sign-in page; a name that AWS would refuse is refused here. */
export function checkStageName(stage: string): void {
  const quoted = JSON.stringify(stage);
  if (!PATTERN.test(stage)) {
    throw new Refusal(
      `The stage cannot be called ${quoted}: AWS takes lower-case letters, digits and single hyphens, a letter first and no hyphen last.`,
    );
  }
  if (stage.length > LENGTH_MAX) {
    throw new Refusal(`The stage cannot be called ${quoted}: AWS has room for ${LENGTH_MAX} characters.`);
  }
  const word = RESERVED.find((reserved) => stage.includes(reserved));
  if (word) {
    throw new Refusal(`The stage cannot be called ${quoted}: Cognito takes no name that contains "${word}".`);
  }
}

/** A misspelt region would look like a network outage. */
export function checkRegion(region: string): string {
  if (!Object.hasOwn(REGIONS, region)) throw new Refusal(unknownRegion(region));
  return region;
}
