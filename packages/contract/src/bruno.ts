import type { OpenApiDocument } from "./document.ts";
import { foldersOf, queryOf, type Setting, type Step, stepsOf, TRIES_MAX, VARIABLES } from "./steps.ts";

/** A Bruno collection: its files by their path in the folder. */
export function brunoCollection(document: OpenApiDocument): Map<string, string> {
  const { title, version } = document.info;
  const files = new Map([
    [
      "bruno.json",
      `${JSON.stringify({ version: "1", name: title, type: "collection", ignore: [] }, null, 2)}\n`,
    ],
    [
      "collection.bru",
      blocks([
        ["auth", ["mode: bearer"]],
        ["auth:bearer", ["token: {{token}}"]],
        [
          "docs",
          [`Version ${version}. Run it as a whole with the environment \`laptop\`, or get a token first.`],
        ],
      ]),
    ],
    ["environments/laptop.bru", blocks([["vars", pairs(Object.entries(VARIABLES))]])],
    // In a folder like the others: Bruno would run a request beside the folders last.
    ["Token/folder.bru", folderFile("Token", 1)],
    ["Token/token.bru", tokenRequest()],
  ]);
  let place = 1;
  for (const [folder, steps] of foldersOf(stepsOf(document))) {
    place++;
    files.set(`${folder}/folder.bru`, folderFile(folder, place));
    for (const [index, step] of steps.entries())
      files.set(`${folder}/${step.operationId}.bru`, request(step, index + 1));
  }
  return files;
}

type Block = [name: string, lines: string[]];

function blocks(all: readonly Block[]): string {
  return all
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => `${name} {\n${lines.map((line) => `  ${line}`).join("\n")}\n}\n`)
    .join("\n");
}

function pairs(entries: readonly (readonly [string, string])[]): string[] {
  return entries.map(([name, value]) => `${name}: ${value}`);
}

function folderFile(name: string, place: number): string {
  return blocks([["meta", [`name: ${name}`, `seq: ${place}`]]]);
}

function tokenRequest(): string {
  return blocks([
    ["meta", ["name: Get a token", "type: http", "seq: 1"]],
    ["post", ["url: {{tokenUrl}}", "body: formUrlEncoded", "auth: basic"]],
    ["auth:basic", ["username: {{clientId}}", "password: {{clientSecret}}"]],
    ["body:form-urlencoded", ["grant_type: client_credentials"]],
    ["script:post-response", ['bru.setVar("token", res.body.access_token);']],
    ["tests", test("answers 200", "expect(res.status).to.equal(200);")],
  ]);
}

function request(step: Step, place: number): string {
  const { name, method, path, query, headers, body, isPublic, note } = step;
  return blocks([
    ["meta", [`name: ${name}`, "type: http", `seq: ${place}`]],
    [
      method.toLowerCase(),
      [
        `url: {{baseUrl}}${path}${queryOf(step)}`,
        `body: ${body === undefined ? "none" : "json"}`,
        `auth: ${isPublic ? "none" : "inherit"}`,
      ],
    ],
    ["params:query", query.map(setting)],
    ["headers", headers.map(setting)],
    ["body:json", body === undefined ? [] : JSON.stringify(body, null, 2).split("\n")],
    ["script:post-response", afterwards(step)],
    ["tests", tests(step)],
    ["docs", note === undefined ? [] : [note]],
  ]);
}

/** In Bruno a tilde switches a parameter off. */
function setting({ name, value, isOn }: Setting): string {
  return `${isOn ? "" : "~"}${name}: ${value}`;
}

function afterwards({ name, saves, waits }: Step): string[] {
  if (saves !== undefined) return [`bru.setVar("${saves}", res.body.id);`];
  if (!waits) return [];
  return [
    'const tries = Number(bru.getVar("tries") ?? 0);',
    `const isWaiting = res.body.status === "${waits.while}" && tries < ${TRIES_MAX};`,
    'bru.setVar("tries", isWaiting ? tries + 1 : 0);',
    "if (isWaiting) {",
    "  await bru.sleep(500);",
    `  bru.runner.setNextRequest("${name}");`,
    "}",
  ];
}

function tests({ status, isList, properties, waits }: Step): string[] {
  const lines = [
    ...test(`answers ${status}`, `expect(res.status).to.equal(${status});`),
    ...(isList
      ? test("is a list", 'expect(res.body).to.be.an("array");')
      : test(
          `has ${properties.join(", ")}`,
          `expect(res.body).to.include.all.keys(${JSON.stringify(properties)});`,
        )),
  ];
  if (!waits) return lines;
  return [
    'if (Number(bru.getVar("tries")) === 0) {',
    ...[...lines, ...test(`is ${waits.until}`, `expect(res.body.status).to.equal("${waits.until}");`)].map(
      (line) => `  ${line}`,
    ),
    "}",
  ];
}

function test(claim: string, line: string): string[] {
  return [`test("${claim}", function () {`, `  ${line}`, "});"];
}
