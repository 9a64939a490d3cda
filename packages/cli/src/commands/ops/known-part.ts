import { nearest } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { PlatformFile } from "@cloud-design/local/supervisor/platform-file";

/** Returns the name if this platform has the part; otherwise throws with the list of all parts. */
export function knownPart({ parts }: PlatformFile, name: string | undefined): string {
  if (name !== undefined && Object.hasOwn(parts, name)) return name;
  const names = Object.keys(parts);
  const all = `the parts are ${names.join(", ")}.`;
  if (name === undefined) throw new SetupError(`Name a part: ${all}`);
  throw new SetupError(`There is no part ${name}: did you mean ${nearest(name, names)}? Else ${all}`);
}
