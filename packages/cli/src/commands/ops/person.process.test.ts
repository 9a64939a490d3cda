import { jsonError, type RecordedAws, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DENIED, recordedStage, STAGE } from "../../testing/recorded-stage.ts";
import { typeCommand } from "../../testing/type-command.ts";

const SUB = "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c001";
const EMAIL = "ann@example.com";
const DISABLED_AT = Date.parse("2026-11-26T12:00:00Z");
const minutes = (count: number) => new Date(DISABLED_AT + count * 60_000).toISOString();
const ORDER = { id: "ord_1", user_id: 3, number_of_items: 5, total_amount: "180.00", owner: SUB };
const LETTER = {
  ...{ id: "ord_2", orderId: "ord_2", cause: "Late.", deliveries: 1, isDroppable: false, owner: SUB },
  lane: "standard",
  ...{ body: '{"user_id":3}', bodyBytes: 13, bodyEncoding: "utf8", replays: 0 },
};
const functionOf = (name: string) => `POST /2015-03-31/functions/${STAGE}-cloud-design-${name}/invocations`;

let aws: RecordedAws;
let isEnabled: boolean;
/** The last check of the status page. */
let status: { checked_at: string; orders: object };
let letters: object[];
/** The rows of the person that each part of a walk finds. */
let parts: { orders: object[]; rejections: object[] }[];

beforeEach(async () => {
  aws = await startRecordedAws({});
  isEnabled = false;
  status = {
    checked_at: minutes(80),
    orders: { waiting: 0, oldest_seconds: 0, in_flight: 0, unaccounted: 0 },
  };
  letters = [];
  parts = [{ orders: [], rejections: [] }];
  Object.assign(aws.answers, recordedStage({ queueUrl: aws.url, siteUrl: aws.url }), {
    AdminGetUser: () => ({
      body: {
        Username: SUB,
        Enabled: isEnabled,
        UserLastModifiedDate: DISABLED_AT / 1_000,
        UserAttributes: [
          { Name: "sub", Value: SUB },
          { Name: "email", Value: EMAIL },
        ],
      },
    }),
    AdminListGroupsForUser: { body: { Groups: [{ GroupName: "premium" }] } },
    ListUserPoolClients: { body: { UserPoolClients: [{ ClientId: "machine-1", ClientName: "Machine" }] } },
    AdminUserGlobalSignOut: { body: {} },
    AdminDisableUser: () => {
      isEnabled = false;
      return { body: {} };
    },
    AdminDeleteUser: { body: {} },
    "GET /status/status.json": () => ({
      body: { state: "up", summary: "", components: {}, interval_seconds: 60, ...status },
    }),
    [functionOf("dead-letters")]: ({ json }: { json: Record<string, unknown> }) => {
      const held = json.queue === "billing" ? letters : [];
      return { body: { letters: held, looked: held.length, total: held.length } };
    },
    [functionOf("personal-data")]: ({ json }: { json: Record<string, unknown> }) => {
      const at = (json.from as { block: number } | undefined)?.block ?? 0;
      const { orders, rejections } = parts[at] ?? { orders: [], rejections: [] };
      const next = at + 1 < parts.length ? { table: "orders", block: at + 1 } : null;
      const isExport = json.action === "export";
      return {
        body: isExport
          ? { orders, rejections, next }
          : { orders: orders.length, rejections: rejections.length, next },
      };
    },
  });
});
afterEach(() => aws[Symbol.asyncDispose]());

const person = (...args: string[]) => typeCommand(["ops", "person", ...args, "--stage", STAGE], aws.url);
const asked = () => aws.asked.map(({ operation }) => operation);
const asksOfRows = () => aws.asked.filter(({ operation }) => operation === functionOf("personal-data"));

describe("npm run ops -- person export", () => {
  it("prints one document of the user, the rows of each part of the walk, and the dead letters", async () => {
    parts = [
      { orders: [ORDER], rejections: [] },
      { orders: [], rejections: [{ order_id: "ord_3", owner: SUB, reason: "No." }] },
    ];
    letters = [LETTER, { ...LETTER, id: "ord_9", owner: "bob" }];
    const { code, stdout, stderr } = await person("export", EMAIL, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      subject: EMAIL,
      exported_at: expect.any(String),
      user: {
        sub: SUB,
        name: SUB,
        attributes: { email: EMAIL },
        groups: ["premium"],
      },
      orders: [ORDER],
      rejections: [{ order_id: "ord_3", owner: SUB, reason: "No." }],
      dead_letters: [LETTER],
    });
    expect(asksOfRows().map(({ json }) => json)).toEqual([
      { action: "export", owner: SUB, by: "arn" },
      { action: "export", owner: SUB, by: "arn", from: { table: "orders", block: 1 } },
    ]);
  });

  it("counts without --json, and changes nothing", async () => {
    parts = [{ orders: [ORDER, ORDER], rejections: [] }];
    const { stdout } = await person("export", EMAIL);
    expect(stdout).toMatch(/^user +1\norders +2\nrejections +0\ndead letters +0\n/m);
    expect(stdout).not.toContain("180.00");
    expect(asked().filter((operation) => /Disable|Delete|SignOut/.test(operation))).toEqual([]);
  });
});

describe("npm run ops -- person erase", () => {
  it("disables the user first, and erases nothing while a token or a cookie of theirs may still place an order", async () => {
    isEnabled = true;
    status.checked_at = minutes(76);
    expect(await person("erase", EMAIL, "--yes")).toEqual({
      code: 1,
      stdout: "",
      stderr: `${EMAIL} can no longer sign in. Nothing is erased yet: a token may be good until 2026-11-26 13:15 UTC, and the ledger knows of the last order two minutes later. Type the same again after 2026-11-26 13:17 UTC.\n`,
    });
    expect(asked().filter((operation) => operation.startsWith("Admin"))).toEqual([
      ...["AdminGetUser", "AdminListGroupsForUser", "AdminUserGlobalSignOut", "AdminDisableUser"],
      ...["AdminGetUser", "AdminListGroupsForUser"],
    ]);
    expect(asksOfRows()).toEqual([]);
  });

  it("erases the rows of each part, then deletes the user, when the last order is settled", async () => {
    parts = [
      { orders: [ORDER, ORDER], rejections: [] },
      { orders: [ORDER], rejections: [{}] },
    ];
    expect(await person("erase", EMAIL, "--yes")).toEqual({
      code: 0,
      stdout: "The user is deleted. Rows that no longer name the person: orders 3, rejections 1.\n",
      stderr: "",
    });
    expect(asked().slice(-3)).toEqual([
      functionOf("personal-data"),
      functionOf("personal-data"),
      "AdminDeleteUser",
    ]);
    expect(asked()).not.toContain("AdminDisableUser");
  });

  it.each([
    [
      "an older order is under way",
      { waiting: 2, oldest_seconds: 600 },
      /orders from before that time are still under way/,
    ],
    ["an order is unaccounted for", { unaccounted: 1 }, /1 orders are unaccounted for.*#orders-unaccounted/],
    ["the ledger is blind", { unaccounted: undefined }, /the ledger cannot say .* `npm run ops -- ps`/],
    ["the ledger is behind", { is_lower_bound: true }, /the ledger cannot say/],
  ])("erases nothing while %s", async (_, orders, sentence) => {
    Object.assign(status.orders, orders);
    const { code, stderr } = await person("erase", EMAIL, "--yes");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(sentence) });
    expect(asksOfRows()).toEqual([]);
    expect(asked()).not.toContain("AdminDeleteUser");
  });

  it("does not wait for the orders that others have placed since", async () => {
    Object.assign(status.orders, { waiting: 2, oldest_seconds: 60 });
    expect((await person("erase", EMAIL, "--yes")).code).toBe(0);
  });

  it("erases while only orders wait that are too young to have an age, as above some 333 a second", async () => {
    Object.assign(status.orders, { waiting: 4_000, is_upper_bound: true });
    delete (status.orders as { oldest_seconds?: number }).oldest_seconds;
    expect((await person("erase", EMAIL, "--yes")).code).toBe(0);
  });

  it("erases nothing while a dead letter could bring the person back", async () => {
    letters = [LETTER];
    const { code, stderr } = await person("erase", EMAIL, "--yes");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/\(npm run ops -- dlq\): ord_2$/m),
    });
    expect(asksOfRows()).toEqual([]);
    expect(asked()).not.toContain("AdminDeleteUser");
  });

  it("asks first, and without a terminal refuses", async () => {
    const { code, stderr } = await person("erase", EMAIL);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Without a terminal the command cannot ask for a confirmation: add --yes to erase ${EMAIL}.\n`,
    });
    expect(asked().filter((operation) => /Disable|Delete|SignOut/.test(operation))).toEqual([]);
  });

  it("erases the rows of a sub whose user is gone, and says so when nothing is left", async () => {
    aws.answers.AdminGetUser = jsonError("UserNotFoundException", "no");
    parts = [{ orders: [ORDER], rejections: [] }];
    expect((await person("erase", SUB, "--yes")).stdout).toBe(
      "Rows that no longer name the person: orders 1, rejections 0.\n",
    );
    parts = [];
    const nothing = `Nothing is kept of ${SUB}: no user, order, rejection or dead letter. After an erasure that is right; otherwise check the spelling.\n`;
    for (const verb of [["erase", "--yes"], ["export"]]) {
      const [name = "", ...flags] = verb;
      expect(await person(name, SUB, ...flags)).toEqual({ code: 1, stdout: "", stderr: nothing });
    }
  });
});

describe("npm run ops -- person refuses", () => {
  it.each([
    ["no name", [], /^Name one person, /],
    ["an empty name", [""], /^Name one person, /],
    ["a name with a space", ["ann smith"], /^Name one person, /],
    ["two names", ["ann", "bob"], /^Name one person, /],
    ["a program's client id", ["machine-1"], /^machine-1 is a program \(Machine\), not a person\.$/m],
    ["a program's name", ["Machine"], /^Machine is a program/],
  ])("%s", async (_, subjects, sentence) => {
    const { code, stderr } = await person("erase", ...subjects, "--yes");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(sentence) });
    expect(asked()).not.toContain("AdminGetUser");
  });

  it("an operator without the right, in one sentence", async () => {
    aws.answers.AdminGetUser = DENIED;
    expect((await person("export", EMAIL)).stderr).toMatch(
      /^The AWS credentials are not allowed to do this: You may not\./,
    );
  });
});
