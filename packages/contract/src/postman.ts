import type { OpenApiDocument } from "./document.ts";
import { foldersOf, queryOf, type Step, stepsOf, TRIES_MAX, VARIABLES } from "./steps.ts";

/** A Postman collection, v2.1: every operation with a test, the token first. */
export function postmanCollection(document: OpenApiDocument, variables = VARIABLES): object {
  const folders = [...foldersOf(stepsOf(document))].map(([name, steps]) => ({
    name,
    item: steps.map(item),
  }));
  return {
    info: {
      name: document.info.title,
      description: `Version ${document.info.version}. Run it as a whole, or get a token first.`,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    auth: { type: "bearer", bearer: [{ key: "token", value: "{{token}}", type: "string" }] },
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
    item: [tokenItem(), ...folders],
  };
}

function tokenItem(): object {
  return {
    name: "Get a token",
    request: {
      method: "POST",
      auth: {
        type: "basic",
        basic: [
          { key: "username", value: "{{clientId}}", type: "string" },
          { key: "password", value: "{{clientSecret}}", type: "string" },
        ],
      },
      body: { mode: "urlencoded", urlencoded: [{ key: "grant_type", value: "client_credentials" }] },
      url: "{{tokenUrl}}",
    },
    event: [
      script([
        'pm.test("answers 200", () => pm.response.to.have.status(200));',
        'pm.collectionVariables.set("token", pm.response.json().access_token);',
      ]),
    ],
  };
}

function item(step: Step): object {
  const { name, method, path, query, headers, body, isPublic, note } = step;
  const sent = body === undefined ? [] : [{ key: "Content-Type", value: "application/json" }];
  return {
    name,
    request: {
      method,
      ...(isPublic && { auth: { type: "noauth" } }),
      ...(note !== undefined && { description: note }),
      header: [...sent, ...headers.map(parameter)],
      ...(body !== undefined && {
        body: { mode: "raw", raw: JSON.stringify(body, null, 2), options: { raw: { language: "json" } } },
      }),
      url: {
        raw: `{{baseUrl}}${path}${queryOf(step)}`,
        host: ["{{baseUrl}}"],
        path: path.split("/").slice(1),
        query: query.map(parameter),
      },
    },
    event: [script(tests(step))],
  };
}

function parameter({ name, value, isOn }: Step["query"][number]) {
  return { key: name, value, ...(!isOn && { disabled: true }) };
}

function tests(step: Step): string[] {
  const { status, isList, properties, saves, waits } = step;
  const lines = [
    `pm.test("answers ${status}", () => pm.response.to.have.status(${status}));`,
    ...(isList
      ? ['pm.test("is a list", () => pm.expect(pm.response.json()).to.be.an("array"));']
      : [
          `pm.test("has ${properties.join(", ")}", () => pm.expect(pm.response.json()).to.include.all.keys(${JSON.stringify(properties)}));`,
        ]),
    ...(saves === undefined ? [] : [`pm.collectionVariables.set("${saves}", pm.response.json().id);`]),
  ];
  if (!waits) return lines;
  return [
    'const tries = Number(pm.collectionVariables.get("tries") ?? 0);',
    `if (pm.response.json().status === "${waits.while}" && tries < ${TRIES_MAX}) {`,
    '  pm.collectionVariables.set("tries", tries + 1);',
    "  setTimeout(() => pm.execution.setNextRequest(pm.info.requestName), 500);",
    "} else {",
    '  pm.collectionVariables.unset("tries");',
    ...lines.map((line) => `  ${line}`),
    `  pm.test("is ${waits.until}", () => pm.expect(pm.response.json().status).to.equal("${waits.until}"));`,
    "}",
  ];
}

function script(exec: string[]): object {
  return { listen: "test", script: { type: "text/javascript", exec } };
}
