import { SetupError } from "../../part.ts";
import type { PlatformFile } from "../../supervisor/platform-file.ts";

/** The name of a part of this platform, or the list of those there are. */
export function knownPart({ parts }: PlatformFile, name: string | undefined): string {
  if (name !== undefined && Object.hasOwn(parts, name)) return name;
  const problem = name === undefined ? "Name a part" : `There is no part ${name}`;
  throw new SetupError(`${problem}: the parts are ${Object.keys(parts).join(", ")}.`);
}
