import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import type { UserName } from "./people.ts";

const ClosedAccounts = z.record(
  z.string(),
  z.object({
    /** ISO 8601. */
    disabledAt: z.iso.datetime(),
    isDeleted: z.boolean(),
  }),
);
type ClosedAccounts = z.output<typeof ClosedAccounts>;

/**
 * The demo users that an operator has disabled or deleted, as `AdminDisableUser` and `AdminDeleteUser` do at Cognito. They are in a file of the
 * state directory, so the sign-in needs no route for operators.
 */
export function closedAccounts(stateDirectory: string): ClosedAccounts {
  let text: string;
  try {
    text = readFileSync(pathIn(stateDirectory), "utf8");
  } catch {
    return {};
  }
  return ClosedAccounts.parse(parseJson(text));
}

export function closeAccount(stateDirectory: string, name: UserName, { isDeleted }: { isDeleted: boolean }) {
  const accounts = closedAccounts(stateDirectory);
  const disabledAt = accounts[name]?.disabledAt ?? new Date().toISOString();
  mkdirSync(stateDirectory, { recursive: true });
  const draft = `${pathIn(stateDirectory)}.new`;
  writeFileSync(draft, JSON.stringify({ ...accounts, [name]: { disabledAt, isDeleted } }), { mode: 0o600 });
  renameSync(draft, pathIn(stateDirectory));
}

function pathIn(stateDirectory: string): string {
  return join(stateDirectory, "closed-accounts.json");
}
