import { type AwsAccess, clientSettings } from "../aws-access.ts";
import type { StageSettings } from "../settings.ts";

/** A resource of a stage that an account still has. */
export interface Found {
  /** The service, where it is not the look's own. */
  service?: string;
  /** CloudFormation's type; a snapshot or a backup has the type of its database. */
  type: string;
  /** The physical id. */
  id: string;
  /** For an operator, with the detail that distinguishes similar resources. */
  name: string;
  size?: string | undefined;
  /** Undefined when unknown; the receipt then says so instead of adding 0. */
  usdMonthly: number | undefined;
  /** Whether the price is an upper bound, because AWS bills the used part. */
  isAtMost?: boolean;
  /** The reason why it outlives its stage. A resource without a reason should not be there. */
  why?: string | undefined;
  /** To be typed one after the other; empty for a resource that AWS deletes by itself. */
  commands: string[];
}

/** CloudFormation's record of one stack of the project, which it keeps for 90 days after the deletion. */
export interface StageStack {
  stage: string;
  name: string;
  id: string;
  status: string;
  /** CloudFormation's reason for the state, where it gives one. */
  reason?: string | undefined;
  isGone: boolean;
}

export interface StackResource {
  type: string;
  logicalId: string;
  id: string;
  /** The reason why it could not be deleted. */
  reason?: string | undefined;
}

export interface StandingStack extends StageStack {
  resources: StackResource[];
}

export interface StageAccess extends AwsAccess {
  stage: string;
}

/** The stage to look for, and the facts that are known before a service is asked. */
export interface Asked extends StageAccess {
  account: string;
  settings: StageSettings;
  /** ARNs with the stage's tags in the tagging API. It lists deleted resources for a while, so each is only a hint. */
  tagged: ReadonlySet<string>;
  stacks: readonly StageStack[];
  standing: readonly StandingStack[];
}

/** How to ask one service for all resources that a stage may have there. */
export interface Look {
  service: string;
  /** The third part of its ARNs: for these, the tagging API adds no further resource. */
  namespaces: readonly string[];
  /** The reason why a resource may remain without its stack, by type. */
  types: readonly string[];
  find(asked: Asked): Promise<Found[]>;
}

export const APP = "cloud-design";

/** Whether a name belongs to the stage: `dev-cloud-design-...`, also as a part of a path, but not as a part of `my-dev-cloud-design-...`. */
export function isNamed({ stage }: { stage: string }, name = ""): boolean {
  return new RegExp(`(^|/|^aws-waf-logs-)${stage}-${APP}-`).test(name);
}

export function isOurs(asked: Asked, name = "", arn = ""): boolean {
  return isNamed(asked, name) || asked.tagged.has(arn);
}

/** Whether a resource has both tags that SST puts on every resource. */
export function hasTags(
  { stage }: StageAccess,
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): boolean {
  const is = (key: string, value: string) => tags.some(({ Key, Value }) => Key === key && Value === value);
  return is("sst:app", APP) && is("sst:stage", stage);
}

/** Throttling is waited for: a receipt has no deadline, and it asks a whole account at once. */
export function patient(access: AwsAccess) {
  return { ...clientSettings(access), maxAttempts: 5 };
}

/** A line for a shell, with quotes where they are needed. */
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
