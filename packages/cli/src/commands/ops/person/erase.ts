import { EraseAnswer } from "@cloud-design/functions/personal-data/protocol";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { isConfirmed } from "../../../confirm.ts";
import { spellId } from "../../../dead-letters/spelled-id.ts";
import { publishedStatus, unsettled } from "../../../personal-data/settled.ts";
import {
  findPerson,
  nothingKept,
  type Person,
  type PersonStore,
  parseSubject,
} from "../../../personal-data/store.ts";
import { lettersOf, walk } from "../../../personal-data/walk.ts";
import { withStore } from "../../../personal-data/with-store.ts";
import { STAGE_FLAGS } from "../../../stage/flags.ts";

/**
 * Takes a person out of everything that names them. The user is disabled first and deleted last, so a run that was refused or killed is
 * completed by the same command.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run ops -- person erase", args, {
    yes: { type: "boolean" },
    ...STAGE_FLAGS,
  });
  const subject = parseSubject(positionals);
  return withStore(values, async (store) => {
    const person = await findPerson(store, subject);
    const named = person.user ? `${subject} (sub ${person.owner})` : subject;
    const question = `Erase ${named}? Their user is deleted, and their orders keep number and money without an owner.`;
    if (values.yes !== true && !(await isConfirmed(question, `erase ${subject}`))) {
      console.log("Nothing was erased.");
      return 1;
    }
    if (person.user) await closeAccount(store, person);
    const { orders, rejections } = await eraseRows(store, person);
    if (person.user) await store.users.remove(person.user);
    else if (orders + rejections === 0) throw nothingKept(person);
    const user = person.user ? "The user is deleted. " : "";
    console.log(`${user}Rows that no longer name the person: orders ${orders}, rejections ${rejections}.`);
    return 0;
  });
}

/** Resolves when no order of this person can come any more. */
async function closeAccount(store: PersonStore, person: Person): Promise<void> {
  const { subject, owner, user } = person;
  if (user?.isEnabled) await store.users.disable(user);
  const closed = await store.users.find(owner);
  const changedAt = Date.parse(closed?.changedAt ?? new Date().toISOString());
  const lastTokenEnds = new Date(changedAt + store.lastTokenMinutes * 60_000);
  const reason = unsettled(await publishedStatus(store.siteUrl), lastTokenEnds);
  if (reason === undefined) return;
  throw new SetupError(`${subject} can no longer sign in. Nothing is erased yet: ${reason}.`);
}

async function eraseRows(
  store: PersonStore,
  person: Person,
): Promise<{ orders: number; rejections: number }> {
  await checkLetters(store, person);
  const erased = { orders: 0, rejections: 0 };
  await walk(store, { action: "erase", owner: person.owner }, (answer) => {
    const part = EraseAnswer.parse(answer);
    erased.orders += part.orders;
    erased.rejections += part.rejections;
    return part;
  });
  return erased;
}

/** A dead letter that is replayed later would record its owner again. */
async function checkLetters(store: PersonStore, person: Person): Promise<void> {
  const { found, bounds } = await lettersOf(store, person);
  if (bounds.length > 0) throw new SetupError(["Nothing is erased yet.", ...bounds].join(" "));
  if (found.length === 0) return;
  const ids = found.map(({ id }) => spellId(id)).join(" ");
  throw new SetupError(
    `Nothing is erased yet: dead letters name this person. Drop them, or replay them and wait until they are recorded (npm run ops -- dlq): ${ids}`,
  );
}
