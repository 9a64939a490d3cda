import { type AwsAccess, clientSettings } from "../aws-access.ts";
import type { StageSettings } from "../settings.ts";

/** One thing of a stage that an account still has. */
export interface Found {
  /** Where it is not that of the look. */
  service?: string;
  /** As CloudFormation calls it; a snapshot or a backup has that of its database. */
  type: string;
  /** What its service and CloudFormation call it. */
  id: string;
  /** For people, with what tells it from its like. */
  name: string;
  size?: string | undefined;
  /** Nothing when it cannot be known: that is said, and never taken for 0. */
  usdMonthly: number | undefined;
  /** AWS bills less when less is in it than fits. */
  isAtMost?: boolean;
  /** Why it is there without its stage. What has no reason should not be there. */
  why?: string | undefined;
  /** To type one after the other; none for what goes by itself. */
  commands: string[];
}

/** What CloudFormation knows of one stack of the project, for 90 days after it is gone too. */
export interface StageStack {
  stage: string;
  name: string;
  id: string;
  status: string;
  /** Why it is in this state, where CloudFormation says so. */
  reason?: string | undefined;
  isGone: boolean;
}

export interface StackResource {
  type: string;
  logicalId: string;
  id: string;
  /** Why it could not be deleted. */
  reason?: string | undefined;
}

export interface StandingStack extends StageStack {
  resources: StackResource[];
}

export interface StageAccess extends AwsAccess {
  stage: string;
}

/** Whose things are looked for, and what is known before a service is asked. */
export interface Asked extends StageAccess {
  account: string;
  settings: StageSettings;
  /** ARNs that the tagging API has with the stage's tags. It lists what is gone for a while, so each is only a hint. */
  tagged: ReadonlySet<string>;
  stacks: readonly StageStack[];
  standing: readonly StandingStack[];
}

/** How one service is asked for all that a stage may have there. */
export interface Look {
  service: string;
  /** The third part of its ARNs: what the tagging API says about these needs no other look. */
  namespaces: readonly string[];
  /** What may be left without its stack, by type. */
  types: readonly string[];
  find(asked: Asked): Promise<Found[]>;
}

export const APP = "cloud-design";

/** Whether a name is one of the stage's: `dev-cloud-design-...`, also as a part of a path, and not that of stage `my-dev`. */
export function isNamed({ stage }: { stage: string }, name = ""): boolean {
  return new RegExp(`(^|/|^aws-waf-logs-)${stage}-${APP}-`).test(name);
}

export function isOurs(asked: Asked, name = "", arn = ""): boolean {
  return isNamed(asked, name) || asked.tagged.has(arn);
}

/** Whether a resource has both tags that SST gives everything. */
export function hasTags(
  { stage }: StageAccess,
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): boolean {
  const is = (key: string, value: string) => tags.some(({ Key, Value }) => Key === key && Value === value);
  return is("sst:app", APP) && is("sst:stage", stage);
}

/** Nobody waits at a deadline, and a whole account is asked at once: throttling is waited for. */
export function patient(access: AwsAccess) {
  return { ...clientSettings(access), maxAttempts: 5 };
}

/** A line for a shell, each word quoted where it must be. */
export function aws({ region, profile }: AwsAccess, ...words: string[]): string {
  const access = ["--region", region, ...(profile ? ["--profile", profile] : [])];
  return ["aws", ...words, ...access].map(quoted).join(" ");
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** `0 B`, `1.5 MB`. */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  return `${Number((bytes / 1024 ** power).toFixed(power === 0 ? 0 : 2))} ${UNITS[power]}`;
}

export async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}
