import type { PersonRequest } from "@cloud-design/functions/personal-data/protocol";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { PoolUser, PoolUsers } from "@cloud-design/stage/pool-users";
import type { DeadLettersClient } from "../dead-letters/client.ts";

/** All that the laptop or a stage keeps of people. */
export interface PersonStore {
  /** The operator's name, for the record. */
  by: string;
  /** Where the ledger's figures are published. */
  siteUrl: string;
  users: PoolUsers;
  /** The longest time for which a token may be used after its user was disabled. */
  lastTokenMinutes: number;
  /** Resolves with the answer about orders and rejections, which the caller checks by the schema of its request. */
  ask(request: PersonRequest): Promise<unknown>;
  letters: DeadLettersClient;
  close(): Promise<void>;
}

export interface Person {
  /** As the operator typed it. */
  subject: string;
  /** The owner of their orders: `sub` of their tokens. */
  owner: string;
  /** Undefined when the pool does not know them, or no longer. */
  user: PoolUser | undefined;
}

/** One argument without spaces: a user's `sub`, name or email. */
export function parseSubject(positionals: readonly string[]): string {
  const [subject = "", ...more] = positionals;
  if (more.length === 0 && /^[^\s\p{C}]{1,128}$/u.test(subject)) return subject;
  throw new SetupError("Name one person, by the sub of their tokens, their user name or their email.");
}

/** Throws for a program: its orders are not personal, and its client belongs to the stage. */
export async function findPerson({ users }: PersonStore, subject: string): Promise<Person> {
  const program = await users.findProgram(subject);
  if (program !== undefined) throw new SetupError(`${subject} is a program (${program}), not a person.`);
  const user = await users.find(subject);
  return { subject, owner: user?.sub ?? subject, user };
}

/** The sentence for a person of whom nothing is found. */
export function nothingKept({ subject }: Person): SetupError {
  return new SetupError(
    `Nothing is kept of ${subject}: no user, order, rejection or dead letter. After an erasure that is right; otherwise check the spelling.`,
  );
}
