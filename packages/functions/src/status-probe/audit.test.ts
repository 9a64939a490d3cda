import { beforeEach, expect, test, vi } from "vitest";
import { type AuditDependencies, audit } from "./audit.ts";
import { figures } from "./figures.ts";
import { beginLedger, type Ledger } from "./ledger.ts";

const SETTLE_SECONDS = 30;
const fail = () => Promise.reject(new Error("not now"));

let events: string[];
let before: Ledger;
let deps: AuditDependencies;

beforeEach(() => {
  events = [];
  const accepted = Date.now() - 600_000;
  before = { ...beginLedger(accepted), accepted: 1, open: { late: accepted } };
  const noted = <T>(event: string, answer: T) => {
    events.push(event);
    return Promise.resolve(answer);
  };
  deps = {
    journal: {
      read: (readTo) => noted("journal", { acceptances: [], readTo, isComplete: true, isCurrent: true }),
    },
    countDeadLetters: () => noted("dead letters", 0),
    countInSqs: () => noted("SQS", inStandard(0)),
    countInBroker: () => noted("RabbitMQ", { ready: inStandard(0), consumers: 1 }),
    askBilling: (ids) => noted(`billing: ${ids}`, answerOf("one", 0)),
    settleSeconds: SETTLE_SECONDS,
  };
});

const inStandard = (standard: number) => ({ standard, priority: 0 });
const answerOf = (holder: string, held: number, recorded: string[] = []) => ({
  recorded,
  rejected: [],
  held,
  holder,
});

async function balance() {
  const { ledger, counted } = await audit(deps, before);
  const { inFlight, unaccounted } = figures(ledger, counted, SETTLE_SECONDS).ledger;
  return [inFlight, unaccounted];
}

test("counts in the direction that orders move, so that a moving order is counted twice rather than missed", async () => {
  before.open = {};
  await balance();
  expect(events).toEqual(["journal", "dead letters", "SQS", "RabbitMQ", "billing: "]);
});

test("an order that is found in no place is missing", async () => {
  expect(await balance()).toEqual([0, 1]);
});

test("an order that is settled between two counts is not missing", async () => {
  const answers = [answerOf("one", 0), answerOf("one", 0, ["late"])];
  deps.askBilling = async () => answers.shift() ?? fail();
  expect(await balance()).toEqual([0, 0]);
});

test("every process of billing is asked, however the load balancer distributes the questions", async () => {
  deps.countInBroker = async () => ({ ready: inStandard(0), consumers: 3 });
  const answers = ["one", "one", "two", "one", "three"].map((holder) =>
    answerOf(holder, holder === "three" ? 1 : 0),
  );
  deps.askBilling = async () => answers.shift() ?? answerOf("one", 0);
  expect(await balance()).toEqual([1, 0]);
});

test("billing's held messages are counted also when the queues only account for the young orders", async () => {
  before.open = { ...before.open, young: Date.now() - 20_000 };
  deps.countInSqs = async () => inStandard(1);
  deps.countInBroker = async () => ({ ready: inStandard(0), consumers: 2 });
  const answers = [answerOf("one", 0), answerOf("two", 1)];
  deps.askBilling = async () => answers.shift() ?? answerOf("one", 0);
  expect(await balance()).toEqual([2, 0]);
});

test("the figures are absent when one process of billing does not answer", async () => {
  deps.countInBroker = async () => ({ ready: inStandard(0), consumers: 2 });
  expect(await balance()).toEqual([undefined, undefined]);
  // A process's own messages do not matter when the queues hold enough.
  deps.countInBroker = async () => ({ ready: inStandard(1), consumers: 2 });
  expect(await balance()).toEqual([1, 0]);
});

test.each<keyof AuditDependencies>(["countDeadLetters", "countInSqs", "countInBroker", "askBilling"])(
  "without an answer of %s the figures are absent, and the audit does not reject",
  async (question) => {
    Object.assign(deps, { [question]: fail });
    expect(await balance()).toEqual([undefined, undefined]);
  },
);

test("settled orders are removed also when billing's next answer fails", async () => {
  const at = Date.now() - 1_000;
  before.open = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`order ${index}`, at]));
  const answers = [answerOf("one", 0, ["order 3"])];
  deps.askBilling = async () => answers.shift() ?? fail();
  const { ledger, counted } = await audit(deps, before);
  expect(ledger.recorded).toBe(1);
  expect(counted.isAsked).toBe(false);
});

test("after a failed reading of the journal the next one begins at the same place", async () => {
  deps.journal.read = async (readTo) => ({ acceptances: [], readTo, isComplete: false, isCurrent: false });
  const { ledger, counted } = await audit(deps, before);
  expect(ledger).toEqual(before);
  expect(counted.isJournalRead).toBe(false);
  // It does not claim either that all orders are accounted for.
  expect(await balance()).toEqual([undefined, undefined]);
});

test("no more of the journal is read than the ledger has room for", async () => {
  const read = vi.spyOn(deps.journal, "read");
  await audit(deps, before);
  expect(read).toHaveBeenCalledWith(before.readFrom, 299_999);
});

test("a full ledger is settled before the journal is read further", async () => {
  const at = Date.now();
  before.open = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`order ${index}`, at]));
  const { counted } = await audit(deps, before);
  expect(events).not.toContain("journal");
  expect(counted.isJournalRead).toBe(false);
});
