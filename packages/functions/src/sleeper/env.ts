import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";

const list = <T extends z.ZodType>(item: T) => z.string().transform(parseJson).pipe(z.array(item));

export const SleeperEnvironment = z.object({
  /** The names of the stage's alarms begin with it. */
  ALARM_PREFIX: z.string().min(1),
  /** The bucket of the site, where the status page is. */
  BUCKET: z.string().min(1),
  /** JSON: the event source mappings of all functions. */
  MAPPINGS: list(z.string().min(1)),
  /** The value of the tag `cloud-design:nat`; absent where AWS's gateway cannot sleep. */
  NAT_TAG: z.string().min(1).optional(),
  /** The rule that starts the status probe. */
  PROBE_RULE: z.string().min(1),
  /** JSON: the identifiers of the database servers. */
  SERVERS: list(z.string().min(1)),
  /** JSON: the ARNs of the ECS services by their names, in groups: a group stops after those before it. */
  SERVICES: list(z.record(z.string(), z.string().min(1))),
  /** The parameter with the wanted state. */
  STATE_PARAMETER: z.string().min(1),
});
/** The environment as the stack sets it. */
export type SleeperEnvironment = z.input<typeof SleeperEnvironment>;
