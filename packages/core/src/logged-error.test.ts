import { DrizzleQueryError } from "drizzle-orm";
import { expect, test } from "vitest";
import { DomainError } from "./errors.ts";
import { lineOf } from "./log-line.ts";
import { loggedError } from "./logged-error.ts";

const CANARY = "canary-5f2c";

test("contains type, message, code and stack of an error and of its cause", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
  const error = new DomainError("unavailable", "The database does not answer.", { cause: refused });
  expect(loggedError(error)).toEqual({
    type: "DomainError",
    message: "The database does not answer.",
    code: "unavailable",
    stack: expect.stringMatching(/^ +at .*logged-error\.test/),
    cause: expect.objectContaining({ type: "Error", code: "ECONNREFUSED", message: refused.message }),
  });
});

test.each([
  ["the values of a query", new DrizzleQueryError("insert into movies values ($1)", [CANARY])],
  ["text that is not JSON", thrownBy(() => JSON.parse(CANARY))],
  ["a value that PostgreSQL refuses", Object.assign(new Error(`invalid "${CANARY}"`), { code: "22P02" })],
  [
    "a property that a library attaches to its error",
    Object.assign(new Error("no"), { request: { body: CANARY } }),
  ],
  ["a thrown value that is not an error", CANARY],
  ["the same in a cause", new Error("no", { cause: new DrizzleQueryError("select $1", [CANARY]) })],
  ["a value in the form of a stack frame", new DrizzleQueryError("select $1", [`\n    at ${CANARY}`])],
])("does not repeat %s", (_, error) => {
  expect(JSON.stringify(loggedError(error))).not.toContain(CANARY);
});

test("ends when causes form a cycle", () => {
  const error = new Error("round");
  error.cause = error;
  expect(JSON.stringify(loggedError(error))).toContain("round");
});

test("is the form of an error in every line", () => {
  const error = new Error("no");
  expect(JSON.parse(lineOf("warn", "test", [{ err: error }, "failed"])).err).toEqual(loggedError(error));
  expect(JSON.parse(lineOf("warn", "test", [error])).err).toEqual(loggedError(error));
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
