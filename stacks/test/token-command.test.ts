import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, inject, test } from "vitest";

/** A stand-in for a program: it records its arguments and prints AWS's answer. */
const AWS = `#!/bin/sh
echo "$@" > "$(dirname "$0")/asked"
echo hush
`;

let directory: string;
let signIn: Server;
let asked: string[];

beforeEach(async () => {
  asked = [];
  directory = mkdtempSync(join(tmpdir(), "token-command-"));
  writeFileSync(join(directory, "aws"), AWS);
  chmodSync(join(directory, "aws"), 0o755);
  signIn = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${await text(request)}`);
    response.end('{"access_token":"ey.token"}');
  });
  await new Promise<void>((listening) => signIn.listen(0, "127.0.0.1", listening));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  signIn.close();
});

/** The output as CloudFormation would give it; each reference becomes its own name. */
function outputOf(name: string): string {
  const file = join(inject("outputs").dev, "dev-cloud-design-Identity.template.json");
  const { Outputs } = JSON.parse(readFileSync(file, "utf8"));
  const parts: (string | { Ref: string })[] = Outputs[name].Value["Fn::Join"][1];
  return parts.map((part) => (typeof part === "string" ? part : part.Ref)).join("");
}

test("the TokenCommand that a deployment prints is a line that gets a token as it stands", async () => {
  const { port } = signIn.address() as AddressInfo;
  const command = outputOf("TokenCommand").replace(outputOf("SignInUrl"), `http://127.0.0.1:${port}`);
  const PATH = `${directory}:${process.env.PATH}`;
  const { stdout } = await promisify(execFile)("bash", ["-c", command], { env: { PATH } });
  expect(JSON.parse(stdout)).toEqual({ access_token: "ey.token" });
  const [, machine = ""] = /' (\S+) "\$\(/.exec(command) ?? [];
  const basic = Buffer.from(`${machine}:hush`).toString("base64");
  expect(asked).toEqual([`POST /oauth2/token Basic ${basic} grant_type=client_credentials`]);
  expect(readFileSync(join(directory, "asked"), "utf8")).toMatch(
    /^cognito-idp describe-user-pool-client --region us-east-1 --user-pool-id UserPool\w+ --client-id UserPoolMachine\w+ --query UserPoolClient\.ClientSecret --output text$/m,
  );
});
