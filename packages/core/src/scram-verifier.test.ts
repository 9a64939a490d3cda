import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { scramVerifier } from "./scram-verifier.ts";

test("the verifier matches the server signature of RFC 7677's example and does not contain the password", () => {
  const verifier = scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));
  const [, serverKey = ""] =
    /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[^:]{44}:(.{44})$/.exec(verifier) ?? [];
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const messages = [
    "n=user,r=rOprNGfwEbeRWgbNEkqO",
    `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
    `c=biws,r=${nonce}`,
  ];
  const proof = createHmac("sha256", Buffer.from(serverKey, "base64"))
    .update(messages.join(","))
    .digest("base64");
  expect(proof).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  expect(verifier).not.toContain("pencil");
});

test("two verifiers of one password differ", () => {
  expect(scramVerifier("pencil")).not.toBe(scramVerifier("pencil"));
});

test.each(["", "pässword", "tab\t", "line\n", "zero\0"])(
  "refuses the password %j without repeating it in the error",
  (password) => {
    expect(() => scramVerifier(password)).toThrow(
      "The password is empty or contains characters outside printable ASCII.",
    );
  },
);
