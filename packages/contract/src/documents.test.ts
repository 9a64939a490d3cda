import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RESOURCE_SERVER, SCOPES } from "@cloud-design/core/identity";
import { methodsOf, PUBLIC, ROUTES } from "@cloud-design/functions/gateway/routes";
import { PROBLEMS } from "@cloud-design/http";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { describe, expect, test } from "vitest";
import { asyncApi } from "./asyncapi.ts";
import { clientFiles } from "./client-files.ts";
import {
  CLIENT_DIRECTORY,
  committedDocument,
  type MediaType,
  operationsOf,
  type ResponseObject,
  resolve,
  type Schema,
  scopesOf,
} from "./document.ts";
import { openApi } from "./openapi.ts";
import { stageDocuments } from "./stage-documents.ts";

const document = openApi("1.0.0");
const operations = operationsOf(document);
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const { errors } = await new Validator().validate(structuredClone({ ...document }));
    expect(errors ?? []).toEqual([]);
  });

  test("describes a parameter beside its schema, not in it", () => {
    expect(JSON.stringify(document)).not.toContain('"param"');
  });

  test("would be invalid with a parameter in an unknown place, or an answer without a description", async () => {
    const wrong = openApi("1.0.0");
    Object(wrong.paths["/api/movies"]?.get?.parameters?.[0]).in = "nowhere";
    expect((await new Validator().validate({ ...wrong })).valid).toBe(false);
    const other = openApi("1.0.0");
    delete Object(other.components.responses.NotFound).description;
    expect((await new Validator().validate({ ...other })).valid).toBe(false);
  });

  test("has the gateway's routes with their scopes, and no others", () => {
    const inDocument = operations.map((one) => `${nameOf(one)} ${scopesOf(one.operation).join() || PUBLIC}`);
    const inGateway = Object.entries(ROUTES).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, access]) =>
          `${method} ${path} ${access === PUBLIC ? PUBLIC : `${RESOURCE_SERVER}/${access}`}`,
      ),
    );
    expect(inDocument.toSorted()).toEqual(inGateway.toSorted());
  });

  test("lists for each path the methods that its `Allow` will name", () => {
    for (const path of Object.keys(ROUTES) as (keyof typeof ROUTES)[])
      expect(document.paths[path]?.description).toContain(
        `Allow: ${Object.keys(methodsOf(path)).join(", ")}`,
      );
  });

  test("explains every scope, and no others", () => {
    const { flows } = Object(document.components).securitySchemes.oauth2;
    for (const flow of ["clientCredentials", "authorizationCode"])
      expect(Object.keys(flows[flow].scopes)).toEqual(SCOPES.map((scope) => `${RESOURCE_SERVER}/${scope}`));
  });

  test("describes every problem", () => {
    const text = JSON.stringify(document.components.responses);
    expect(Object.keys(PROBLEMS).filter((code) => !text.includes(`(\`${code}\`)`))).toEqual([]);
  });

  test("gives every operation an id of its own, a summary, a tag and an example of each answer", () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { operation } of operations) {
      expect(operation).toMatchObject({ summary: expect.stringMatching(/\w/), tags: [expect.any(String)] });
      for (const media of mediaOf(operation)) expect(Object.keys(media.examples ?? {})).not.toEqual([]);
    }
  });

  test("has no example that its own schema refuses", () => {
    const ajv = new Ajv2020({ strict: false, formats: fullFormats });
    ajv.addSchema(document, "api");
    let count = 0;
    for (const { operation } of operations) {
      for (const media of mediaOf(operation)) {
        const validate = ajv.compile(absolute(media.schema));
        for (const [name, { value }] of Object.entries(media.examples ?? {})) {
          count++;
          expect(validate(value), `${operation.operationId} ${name} ${JSON.stringify(validate.errors)}`).toBe(
            true,
          );
        }
      }
      for (const { name, schema, example } of operation.parameters ?? []) {
        if (example === undefined) continue;
        count++;
        expect(ajv.validate(absolute(schema), example), `${operation.operationId} ${name}`).toBe(true);
      }
    }
    expect(count).toBeGreaterThan(100);
  });

  test("has no sample of an optional header: a fixed key, pasted twice, would make the second order an error", () => {
    const headers = operations.flatMap(({ operation }) =>
      (operation.parameters ?? []).filter((parameter) => parameter.in === "header"),
    );
    expect(headers.map(({ name }) => name)).toContain("Idempotency-Key");
    const sample = /"(?:examples?|default|const|enum|x-[\w-]*)":/;
    const optional = headers.filter(({ required }) => required !== true);
    expect(optional.filter((header) => sample.test(JSON.stringify(header)))).toEqual([]);
  });
});

function mediaOf({ requestBody, responses }: (typeof operations)[number]["operation"]): MediaType[] {
  const answers = Object.values(responses).map((response) => resolve<ResponseObject>(document, response));
  return [requestBody ?? { content: {} }, ...answers].flatMap(({ content = {} }) => Object.values(content));
}

/** From outside, a reference names the document. */
function absolute(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
}

describe("the AsyncAPI document", () => {
  const specification = JSON.parse(
    readFileSync(new URL(import.meta.resolve("@asyncapi/specs/schemas/3.0.0-without-$id.json")), "utf8"),
  );
  const validate = new Ajv({ strict: false, formats: fullFormats }).compile(specification);

  test("is valid AsyncAPI 3.0", () => {
    expect(validate(asyncApi("1.0.0")), JSON.stringify(validate.errors, null, 1)).toBe(true);
  });

  test("would be invalid with an unknown action, or with a number as the name of a queue", () => {
    const wrong = Object(asyncApi("1.0.0"));
    wrong.operations.billingRecordsOrder.action = "consume";
    expect(validate(wrong)).toBe(false);
    const other = Object(asyncApi("1.0.0"));
    other.channels.billing_queue.address = 3;
    expect(validate(other)).toBe(false);
  });

  test("has a target for each reference", () => {
    const asyncDocument = asyncApi("1.0.0");
    const references = [...JSON.stringify(asyncDocument).matchAll(/"\$ref":"(#[^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, $ref = ""] of references) expect(resolve(asyncDocument, { $ref }), $ref).toBeDefined();
  });
});

describe("the documents of a stage's site", () => {
  const signInUrl = "https://shop.auth.eu-west-3.amazoncognito.com";
  const files = stageDocuments(document, signInUrl);
  const named = JSON.parse(files.get("openapi.json") ?? "");

  test("name the stage's addresses and not the laptop's", () => {
    for (const [path, text] of files) {
      expect(text, path).toContain(`${signInUrl}/oauth2/token`);
      expect(text, path).not.toMatch(/localhost|laptop|local-machine-secret/);
    }
  });

  test("are otherwise the committed ones, and valid", async () => {
    expect((await new Validator().validate(structuredClone(named))).errors ?? []).toEqual([]);
    const others = (text: object) =>
      JSON.stringify({ ...text, components: { ...Object(text).components, securitySchemes: {} } });
    expect(others(named)).toBe(others(document));
  });
});

describe("packages/client", () => {
  test("equals the output of `npm run contract`", async () => {
    const { version } = committedDocument().info;
    const generated = await clientFiles(openApi(version));
    for (const [path, text] of generated)
      expect(readFileSync(join(CLIENT_DIRECTORY, path), "utf8"), path).toBe(text);
    const bruno = readdirSync(join(CLIENT_DIRECTORY, "bruno"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(CLIENT_DIRECTORY.length + 1));
    expect(bruno.filter((path) => !generated.has(path))).toEqual([]);
  });

  test("has the version of its document", () => {
    const { version } = JSON.parse(readFileSync(join(CLIENT_DIRECTORY, "package.json"), "utf8"));
    expect(version).toBe(committedDocument().info.version);
  });
});
