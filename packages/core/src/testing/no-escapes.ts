import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

/**
 * Fails each test of a file during which an error escapes that would have ended a service: an uncaught exception or an
 * unhandled rejection. Returns the errors of the current test.
 */
export function expectNoEscapes(): unknown[] {
  const escaped: unknown[] = [];
  const note = (error: unknown) => void escaped.push(error);
  beforeAll(() => void process.on("uncaughtException", note).on("unhandledRejection", note));
  afterAll(() => void process.off("uncaughtException", note).off("unhandledRejection", note));
  beforeEach(() => void escaped.splice(0));
  afterEach(() => expect(escaped).toEqual([]));
  return escaped;
}
