import {
  ChangeAnswer,
  type DeadLettersRequest,
  isSelected,
  type QueueName,
  type Selection,
} from "@cloud-design/functions/dead-letters/protocol";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal, type Terminal } from "@cloud-design/local/terminal/terminal";
import { type Arguments, openClient } from "./arguments.ts";
import type { DeadLettersClient } from "./client.ts";
import { boundsOf, look } from "./look.ts";
import { groupByCause, groupTable } from "./overview.ts";
import { spellId } from "./spelled-id.ts";

type Change = Extract<DeadLettersRequest, { action: "replay" | "drop" }>;

const WORDS = {
  replay: { doing: "replaying", done: "replayed" },
  drop: { doing: "dropping", done: "dropped" },
};

const REST =
  "More dead letters that match may lie behind those: they can be read once some of the first are replayed or dropped.";

interface Changed {
  queue: QueueName;
  done: string[];
  refused: string[];
  looked: number;
  total: number;
}

/** Changes the selected dead letters of the queues or, with `--dry-run`, lists them. Returns the exit code. */
export async function changeLetters(
  parsed: Arguments,
  select: Selection,
  toRequest: (queue: QueueName, by: string) => Change,
): Promise<number> {
  const client = await openClient(parsed);
  try {
    if (parsed.values["dry-run"] === true) return await preview(client, parsed, select);
    const terminal = openTerminal(process.stderr, parsed.queues);
    const changed: Changed[] = [];
    for (const queue of parsed.queues) {
      changed.push(await changeAll(client, toRequest(queue, client.by), terminal));
    }
    return conclude(parsed, select, changed);
  } finally {
    await client.close();
  }
}

/** Repeats the request until no selected dead letter is left. An interrupt between two requests, or within one, loses nothing. */
async function changeAll(client: DeadLettersClient, request: Change, terminal: Terminal): Promise<Changed> {
  const { queue, action } = request;
  const done: string[] = [];
  const refused = new Set<string>();
  for (;;) {
    terminal.doing(queue, `${WORDS[action].doing}: ${done.length} so far`);
    const answer = ChangeAnswer.parse(await client.ask(request));
    done.push(...answer.done);
    for (const id of answer.refused) refused.add(id);
    if (!answer.isComplete) continue;
    terminal.done(queue, `${done.length} ${WORDS[action].done}`);
    return { queue, done, refused: [...refused], looked: answer.looked, total: answer.total };
  }
}

function conclude({ isJson, queues }: Arguments, select: Selection, changed: readonly Changed[]): number {
  if (isJson) console.log(JSON.stringify(changed, null, 2));
  const seen = changed.flatMap(({ done, refused }) => [...done, ...refused]);
  const where = queues.join(" or ");
  const bounds = boundsOf(changed);
  const problems = [
    ...("ids" in select ? select.ids.filter((id) => !seen.includes(id)) : []).map(
      (id) => `There is no dead letter ${spellId(id)} in ${where}.`,
    ),
    ...("cause" in select && seen.length === 0
      ? [`No dead letter in ${where} has a cause with "${select.cause}" in it.`]
      : []),
    ...changed
      .flatMap(({ refused }) => refused)
      .map(
        (id) =>
          `${spellId(id)} was not dropped, because nothing else is left of this order: replay it (npm run ops -- dlq replay ${spellId(id)} --why "...").`,
      ),
  ];
  const isAllFound = "ids" in select && select.ids.every((id) => seen.includes(id));
  const rest = bounds.length === 0 || isAllFound ? [] : [REST];
  if (problems.length + rest.length > 0) {
    throw new SetupError([...problems, ...bounds, ...rest].join("\n"));
  }
  if (seen.length === 0) console.error(`There are no dead letters in ${where}.`);
  for (const bound of bounds) console.error(bound);
  return 0;
}

async function preview(
  client: DeadLettersClient,
  { queues, isJson }: Arguments,
  select: Selection,
): Promise<number> {
  const listed = (await look(client, queues)).map((one) => ({
    ...one,
    letters: one.letters.filter((letter) => isSelected(select, letter)),
  }));
  const groups = groupByCause(listed);
  if (isJson) console.log(JSON.stringify({ causes: groups, queues: listed }, null, 2));
  else if (groups.length === 0)
    console.log(`Nothing would change: no dead letter in ${queues.join(" or ")} matches.`);
  else console.log(["Nothing has changed. These match:", groupTable(groups), ...boundsOf(listed)].join("\n"));
  return 0;
}
