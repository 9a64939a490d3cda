import { asyncApi } from "@cloud-design/contract/asyncapi";
import {
  committedDocument,
  operationsOf,
  type ResponseObject,
  resolve,
  type Schema,
} from "@cloud-design/contract/document";
import { PROBLEMS, type ProblemCode } from "@cloud-design/http";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { expect } from "vitest";
import type { Answer } from "./client.ts";

export const openApiDocument = committedDocument();
const asyncApiDocument = Object(asyncApi(openApiDocument.info.version));
const ajv = new Ajv2020({ strict: false, formats: fullFormats });
ajv.addSchema(closed(openApiDocument), "api");

/** The answers seen, as `GET /api/movies 200`, and the problems seen. */
export const seen = { answers: new Set<string>(), problems: new Set<string>() };

/** Every answer of the document, as `GET /api/movies 200`. */
export const ANSWERS = operationsOf(openApiDocument).flatMap(({ method, path, operation }) =>
  Object.keys(operation.responses).map((status) => `${method} ${path} ${status}`),
);

/** Validates an answer against the document's description for this operation, to the last field and header. */
export function expectDocumented(route: string, answer: Answer): void {
  const [method = "", path = ""] = route.split(" ");
  const item = openApiDocument.paths[path];
  const operation = item?.[method.toLowerCase() as "get"];
  const response = operation?.responses[answer.status];
  if (!response) throw new Error(`${route} ${answer.status} is not in the document: ${answer.text}`);
  expectResponse(resolve<ResponseObject>(openApiDocument, response), answer);
  seen.answers.add(`${route} ${answer.status}`);
}

/** The same for an answer that belongs to no operation. */
export function expectComponent(name: string, answer: Answer): void {
  const response = openApiDocument.components.responses[name];
  if (!response) throw new Error(`There is no response ${name} in the document.`);
  expectResponse(response, answer);
}

function expectResponse({ headers = {}, content }: ResponseObject, answer: Answer): void {
  for (const [name, { required, schema }] of Object.entries(headers)) {
    const text = answer.headers.get(name);
    if (text === null) expect(required ?? false, `${name} is missing`).toBe(false);
    else expectValid(schema, schema.type === "integer" ? Number(text) : text, name);
  }
  if (!content) {
    expect(answer.text).toBe("");
    return;
  }
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
  const media = content[type];
  if (!media) throw new Error(`${answer.status} as ${type} is not in the document.`);
  expectValid(media.schema, answer.json, answer.text);
  if (type === "application/problem+json") seen.problems.add(problemOf(answer));
}

function problemOf({ json }: Answer): string {
  const [, code = ""] = /\/problems\/([\w-]+)$/.exec(Object(json).type) ?? [];
  return code;
}

export function problemsNeverSeen(): ProblemCode[] {
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => !seen.problems.has(code));
}

function expectValid(schema: Schema, value: unknown, what: string): void {
  const validate = validatorOf(schema);
  expect(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`).toBe(true);
}

const validators = new Map<string, ValidateFunction>();

/** A validator for a schema of the document. */
export function validatorOf(schema: Schema): ValidateFunction {
  const absolute = JSON.stringify(closed(schema)).replaceAll('"#/', '"api#/');
  const validator = validators.get(absolute) ?? ajv.compile(JSON.parse(absolute));
  validators.set(absolute, validator);
  return validator;
}

/**
 * Clients must tolerate new fields, but here an undocumented field is an error of the document. A part of `allOf` only narrows the schema beside
 * it.
 */
function closed<T>(value: T, isNarrowing = false): T {
  if (Array.isArray(value)) return value.map((one) => closed(one)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => [
    name,
    name === "allOf" ? part.map((one: unknown) => closed(one, true)) : closed(part),
  ]);
  const isObject = "properties" in value && "type" in value && value.type === "object";
  return Object.fromEntries([
    ...(isObject && !isNarrowing ? [["additionalProperties", false]] : []),
    ...entries,
  ]);
}

/** Validates a message against AsyncAPI: payload, headers and AMQP's own properties. */
export function expectMessage(
  name: "order" | "deadLetter",
  message: { content: Buffer; properties: object & { headers?: object | undefined } },
): void {
  const described = asyncApiDocument.components.messages[name];
  const { headers = {}, ...properties } = withoutUndefined(message.properties);
  const isValid = (schema: Schema, value: unknown) => {
    expect(
      ajv.validate(resolve(asyncApiDocument, schema), value),
      `${ajv.errorsText()} ${JSON.stringify(value)}`,
    ).toBe(true);
  };
  if (name === "order") isValid(described.payload, JSON.parse(message.content.toString()));
  isValid(closed(resolve(asyncApiDocument, described.headers)), withoutUndefined(headers));
  isValid(closed(resolve(asyncApiDocument, described["x-amqp-properties"])), properties);
}

function withoutUndefined(value: object): Record<string, object> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
