import { describe, expect, it } from "vitest";
import { call, expectProblem, platform, SOON, tellingOf } from "./client.ts";
import { FORGED_TOKENS, tokenWith, trap, WHOLE_TOKEN } from "./forge.ts";
import { linesOf, logFromNow } from "./log-lines.ts";
import { leavesNoTrace } from "./stores.ts";
import { idToken } from "./tokens.ts";

const MOVIE = { title: "Never", description: "" };
const ORDER = { user_id: 3, number_of_items: 5, total_amount: 180 };
const FILE = { format: "csv", bytes: 1, sha256: "0".repeat(64) };
const WEBHOOK = { url: "https://attacker.example/", events: ["order.recorded"] };
const ROUTES = {
  gateway: [
    ["GET", "/api/movies"],
    ["POST", "/api/movies", MOVIE],
    ["DELETE", "/api/movies"],
    ["POST", "/api/imports", FILE],
    ["GET", "/api/imports/1"],
    ["POST", "/api/billing", ORDER],
    ["GET", "/api/billing/orders/1"],
    ["GET", "/api/webhooks"],
    ["POST", "/api/webhooks", WEBHOOK],
  ],
  inventory: [
    ["GET", "/api/movies"],
    ["POST", "/api/movies", MOVIE],
    ["DELETE", "/api/movies"],
    ["POST", "/api/imports", FILE],
    ["GET", "/api/imports/1"],
    ["GET", "/api/webhooks"],
    ["POST", "/api/webhooks", WEBHOOK],
  ],
  billing: [["GET", "/api/billing/orders/1"]],
} as const satisfies Record<string, readonly (readonly [string, string, object?])[]>;
const SURFACES = Object.keys(ROUTES) as (keyof typeof ROUTES)[];

function answersOf(surface: keyof typeof ROUTES, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const at = platform.parts[surface]?.url;
  return Promise.all(
    ROUTES[surface].map(([method, path, body]) => call(method, path, { as: null, headers, body, at })),
  );
}

async function presentWholeToken(surface: keyof typeof ROUTES): Promise<void> {
  const [[method, path]] = ROUTES[surface];
  const headers = { authorization: `Bearer ${WHOLE_TOKEN}` };
  const { status } = await call(method, path, { as: null, headers, at: platform.parts[surface]?.url });
  expect([200, 404]).toContain(status);
}

function reasonsIn(log: string): unknown[] {
  const refusals = linesOf(log).filter(({ message }) => message === "token refused");
  return refusals.map(({ reason }) => reason);
}

leavesNoTrace();

// In this order: the second state lasts until the end.
describe.each(["before the valid token came", "after the valid token was remembered"])("%s", (state) => {
  describe.each(SURFACES)("straight at the %s", (surface) => {
    it.each(Object.entries(FORGED_TOKENS))(
      "every flaw of a token except its age gets the same answer, and only the log names it: %s",
      async (reason, tokens) => {
        if (state.startsWith("after")) await presentWholeToken(surface);
        const log = logFromNow(surface);
        const [any] = await answersOf(surface, "abc");
        if (!any) throw new Error(`${surface} has no route`);
        expectProblem(any, "unauthenticated");
        for (const [flaw, token] of Object.entries(tokens)) {
          for (const answer of await answersOf(surface, token)) {
            if (reason !== "expired")
              expect(tellingOf(answer), `a token that ${flaw}`).toEqual(tellingOf(any));
            expectProblem(answer, "unauthenticated");
            expect(/expired/.test(answer.text)).toBe(reason === "expired");
          }
        }
        const each = (why: string, count = 1) => Array(count * ROUTES[surface].length).fill(why);
        const expected = [...each("malformed"), ...each(reason, Object.keys(tokens).length)];
        await expect.poll(() => reasonsIn(log()).toSorted(), SOON).toEqual(expected.toSorted());
        expect(log()).not.toMatch(/eyJ|UNION SELECT|\/dev\/null/);
      },
    );
  });
});

describe.each(SURFACES)("straight at the %s", (surface) => {
  it("groups open nothing, and neither does a text that looks like a scope", async () => {
    for (const scope of [undefined, "", "movies.adminx", "xmovies.admin", "MOVIES.ADMIN", "*", "movies.*"]) {
      const token = tokenWith({ scope, "cognito:groups": ["admin"], groups: "admin", scp: "movies.admin" });
      for (const answer of await answersOf(surface, token)) expectProblem(answer, "insufficient-scope");
    }
  });

  it("an ID token opens nothing", async () => {
    for (const answer of await answersOf(surface, idToken)) {
      // It has no scope, which API Gateway checks before the function checks the kind of token.
      expectProblem(answer, surface === "gateway" ? "insufficient-scope" : "unauthenticated");
    }
  });

  it("no part called an address in a token", () => {
    expect(trap.calls).toBe(0);
  });
});

it("would notice: the address in the tokens can be called", async () => {
  await fetch(trap.url);
  expect(trap.calls).toBe(1);
});
