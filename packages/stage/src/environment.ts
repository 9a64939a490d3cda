import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import * as z from "zod";
import { Refusal } from "./refusal.ts";
import { EDGE_REGION } from "./regions.ts";
import { PRESETS } from "./settings.ts";

/** The part that a stage may have beyond its preset. */
const ADDITIONS = ["proxy", "none"] as const;
export type Addition = (typeof ADDITIONS)[number];

/** The settings that the checks of a deployment find out, and hand on to SST. */
const SETTLED = ["PRESET", "WITH", "CONCURRENCY"] as const;

/** The functions that `sst dev` may run on a laptop: the others need the network, or a deployment waits for them. */
export const LIVE_FUNCTIONS = ["gateway", "token-scopes"] as const;
export type LiveFunction = (typeof LIVE_FUNCTIONS)[number];

const API_DOOR = ["API_DOMAIN", "API_CERTIFICATE_ARN", "ORIGIN_CERTIFICATE_ARN", "ORIGIN_AUTHORITY"] as const;

/** The settings of an account's owner, from the environment or `.env.<stage>`. All of them are optional. */
const StackEnvironment = z
  .object({
    /** The stage's preset, from its first deployment on (`settings.ts`). */
    PRESET: z.enum(PRESETS, `is ${PRESETS.slice(0, -1).join(", ")} or ${PRESETS.at(-1)}.`).optional(),
    /** RDS Proxy in a stage whose preset is without. The stage remembers it until a deployment says the contrary. */
    WITH: z.enum(ADDITIONS, "is proxy, or none to take it away again.").optional(),
    /** The site's own domain; without one the site has CloudFront's name. */
    SITE_DOMAIN: z
      .hostname("is not a host name: write it as in shop.example.com, without https://.")
      .optional(),
    SITE_CERTIFICATE_ARN: z
      .string()
      .startsWith(
        `arn:aws:acm:${EDGE_REGION}:`,
        `is not the ARN of an ACM certificate in ${EDGE_REGION}, the only region from which CloudFront takes one: request it there.`,
      )
      .optional(),
    /** The firewall of a stage in another region, created in us-east-1. */
    WEB_ACL_ARN: z
      .string()
      .regex(
        new RegExp(`^arn:aws:wafv2:${EDGE_REGION}:\\d{12}:global/webacl/`),
        "is not the ARN of a web ACL for CloudFront: copy the WebAclArn that `npm run deploy -- Firewall` printed.",
      )
      .optional(),
    /** The API's own domain, which requires CloudFront's client certificate: docs/deploy.md, "An API that only CloudFront can call". */
    API_DOMAIN: z
      .hostname("is not a host name: write it as in api.shop.example.com, without https://.")
      .optional(),
    API_CERTIFICATE_ARN: z
      .string()
      .startsWith("arn:aws:acm:", "is not the ARN of an ACM certificate in the stage's region.")
      .optional(),
    ORIGIN_CERTIFICATE_ARN: z
      .string()
      .startsWith(
        `arn:aws:acm:${EDGE_REGION}:`,
        `is not the ARN of an ACM certificate in ${EDGE_REGION}, the only region from which CloudFront takes one: import it there.`,
      )
      .optional(),
    /** The file, from the repository's root, with the authority that signed ORIGIN_CERTIFICATE_ARN's certificate. */
    ORIGIN_AUTHORITY: z.string().endsWith(".pem", "is not the name of a .pem file.").optional(),
    ALARM_EMAIL: z.email("is not an e-mail address.").optional(),
    /** For a return to a version that is known to be good: it takes all callers at once, even while an alarm rings. */
    ROLLOUT: z.literal("ALL_AT_ONCE", "is ALL_AT_ONCE, or not set.").optional(),
    /** The key of RDS's copies of backups, in their region; without it the alias of the key that AWS manages there. */
    COPY_KEY_ARN: z.string().startsWith("arn:aws:kms:", "is not the ARN of a KMS key.").optional(),
    /** For an account that cannot reserve as much as the table says: then no function does. `npm run deploy` finds out, and sets it. */
    CONCURRENCY: z.literal("SHARED", "is SHARED, or not set.").optional(),
    /** The functions that `sst dev` runs on the developer's machine, separated by commas; other deployments ignore it. */
    LIVE_FUNCTIONS: z
      .string()
      .transform((list) => list.split(",").map((name) => name.trim()))
      .pipe(z.array(z.enum(LIVE_FUNCTIONS, `takes ${LIVE_FUNCTIONS.join(" and ")}, separated by a comma.`)))
      .optional(),
  })
  .superRefine(({ SITE_DOMAIN, SITE_CERTIFICATE_ARN, ...settings }, context) => {
    if (SITE_DOMAIN && !SITE_CERTIFICATE_ARN) {
      const message = `SITE_DOMAIN needs SITE_CERTIFICATE_ARN beside it: the ARN of an ACM certificate for ${SITE_DOMAIN} in ${EDGE_REGION}.`;
      context.addIssue({ code: "custom", message });
    }
    if (SITE_CERTIFICATE_ARN && !SITE_DOMAIN) {
      const message =
        "SITE_CERTIFICATE_ARN needs SITE_DOMAIN beside it: the name that the certificate is for.";
      context.addIssue({ code: "custom", message });
    }
    const missing = API_DOOR.filter((name) => settings[name] === undefined);
    if (missing.length > 0 && missing.length < API_DOOR.length) {
      const message = `${missing.join(", ")} must be set too: ${API_DOOR.join(", ")} go together.`;
      context.addIssue({ code: "custom", message });
    }
  });
export type StackEnvironment = z.output<typeof StackEnvironment>;

/** Throws a Refusal with a sentence for each wrong setting. An empty value counts as unset, as in a `.env` file. */
export function environmentOf(variables: NodeJS.ProcessEnv = process.env): StackEnvironment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = StackEnvironment.safeParse(set);
  if (parsed.success) return parsed.data;
  // The sentence does not name the wrong item of a list.
  const problems = parsed.error.issues.map(({ path, message }) => [...path.slice(0, 1), message].join(" "));
  throw new Refusal([...new Set(problems)].join(" "));
}

/**
 * Reads the same files as SST, in the same order, but earlier: a mistake in them must be found before a deployment creates anything. Returns the
 * names of the files that exist.
 */
export function loadEnvironmentFiles(stage: string): string[] {
  const files = environmentFiles(stage);
  for (const [name, settings] of files) {
    // SST reads the files once more, and an empty line would then take back what the checks have found out.
    const empty = SETTLED.find((setting) => settings[setting] === "");
    if (empty) throw new Refusal(`${empty} is empty in ${name}: give it a value, or delete the line.`);
    Object.assign(process.env, settings);
  }
  return files.map(([name]) => name);
}

/** The files of a stage that exist, each with its settings, in the order in which the later ones win. */
export function environmentFiles(stage: string): [name: string, settings: NodeJS.Dict<string>][] {
  const directory = configDirectory(process.cwd());
  return [".env", ".env.local", `.env.${stage}`, `.env.${stage}.local`]
    .filter((name) => existsSync(join(directory, name)))
    .map((name) => [name, parseEnv(readFileSync(join(directory, name), "utf8"))]);
}

/** SST's root, found as SST finds it: SST may be started in any folder of the project, and the commands start it in `stacks`. */
function configDirectory(directory: string): string {
  const parent = dirname(directory);
  return parent === directory || existsSync(join(directory, "sst.config.ts"))
    ? directory
    : configDirectory(parent);
}
