import { expect, test } from "vitest";
import { parseEnvironment } from "../environment.ts";
import { IdentityEnvironment } from "./token-verifier.ts";

test("client ids may be written with spaces between them", () => {
  const environment = { COGNITO_USER_POOL_ID: "us-east-1_Pool", COGNITO_CLIENT_IDS: "web, machine ,\n cli" };
  expect(parseEnvironment(IdentityEnvironment, environment).COGNITO_CLIENT_IDS).toEqual([
    "web",
    "machine",
    "cli",
  ]);
});
