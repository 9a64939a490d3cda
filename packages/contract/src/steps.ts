import { spelledOut, withheldScopes } from "@cloud-design/core/identity/scopes";
import { LAPTOP_SIGN_IN, TOKEN_PATH } from "./addresses.ts";
import {
  type Json,
  type OpenApiDocument,
  type OperationObject,
  operationsOf,
  type ParameterObject,
  type ResponseObject,
  resolve,
  type Schema,
  scopesOf,
} from "./document.ts";

/** The variables of the collections, with the laptop's values. */
export const VARIABLES = {
  baseUrl: "http://localhost:3000",
  tokenUrl: `${LAPTOP_SIGN_IN}${TOKEN_PATH}`,
  clientId: "machine",
  clientSecret: "local-machine-secret",
};

/** One request of the collections. Their order gives each the values that it needs. */
export interface Step {
  operationId: string;
  name: string;
  folder: string;
  method: string;
  /** Variables are written `{{movieId}}`. */
  path: string;
  query: Setting[];
  headers: Setting[];
  body?: Json;
  isPublic: boolean;
  status: number;
  isList: boolean;
  /** The required properties of the answer. */
  properties: string[];
  /** The variable that stores the `id` of the answer. */
  saves?: string;
  /** Repeated while the answer has the first status; the last answer must have the second. */
  waits?: { while: string; until: string };
  /** The reason of an expected refusal. */
  note?: string;
}

export interface Setting {
  name: string;
  value: string;
  isOn: boolean;
}

/** The operations whose answer has the id that later paths need. */
const SAVED_BY: Record<string, string> = {
  createMovie: "movieId",
  createImport: "importId",
  placeOrder: "orderId",
  createWebhook: "webhookId",
};
/** The variable with the id of a path. */
const ID_OF: Record<string, string> = {
  "/api/movies/{id}": "movieId",
  "/api/imports/{id}": "importId",
  "/api/billing/orders/{id}": "orderId",
  "/api/webhooks/{id}": "webhookId",
};
/**
 * Headers without an example in the document: a fixed key, pasted twice, would make the second order an error. Each of the three tools makes a
 * new `$guid` for every request.
 */
const OWN_VALUES: Record<string, string> = { "Idempotency-Key": "{{$guid}}", Prefer: "respond-async" };
/** Every other parameter changes the answer, so the reader switches it on. */
const SWITCHED_ON = ["title", "limit", "Idempotency-Key"];

/** Half a minute, at two a second, for a wait that normally takes less than a second. */
export const TRIES_MAX = 60;

export function stepsOf(document: OpenApiDocument): Step[] {
  return operationsOf(document).map(({ path, method, operation }) => {
    const { operationId, summary, tags, parameters = [] } = operation;
    const status = expectedStatus(operation);
    const schema = answerSchema(document, operation, status);
    const saves = SAVED_BY[operationId];
    return {
      operationId,
      name: summary,
      folder: tags[0] ?? "",
      method,
      path: path.replace("{id}", `{{${ID_OF[path]}}}`),
      query: settings(parameters, "query"),
      headers: settings(parameters, "header"),
      ...bodyOf(operation),
      isPublic: scopesOf(operation).length === 0,
      status,
      isList: schema.type === "array",
      properties: requiredOf(document, schema),
      ...(saves !== undefined && { saves }),
      ...(operationId === "getOrder" && { waits: { while: "accepted", until: "recorded" } }),
      ...(status === 403 && {
        note: "A machine is no administrator: this shows the refusal, and empties nothing.",
      }),
    };
  });
}

/** The lowest status, or 403 where the machine's token, which the collections use, never has the scope. */
function expectedStatus(operation: OperationObject): number {
  const withheld = withheldScopes([]).map(spelledOut);
  const isWithheld = scopesOf(operation).some((scope) => withheld.includes(scope));
  return isWithheld ? 403 : Number(Object.keys(operation.responses)[0]);
}

function answerSchema(document: OpenApiDocument, { responses }: OperationObject, status: number): Schema {
  const { content = {} } = resolve<ResponseObject>(document, responses[status] ?? { description: "" });
  return resolve(document, Object.values(content)[0]?.schema ?? {});
}

/** For alternatives, the properties that all of them require. */
function requiredOf(document: OpenApiDocument, schema: Schema): string[] {
  const each = (schemas: Json | undefined) =>
    (schemas as Schema[] | undefined)?.map((part) => requiredOf(document, resolve(document, part)));
  const [first = [], ...others] = each(schema.oneOf) ?? [];
  const common = first.filter((name) => others.every((other) => other.includes(name)));
  return [
    ...new Set([
      ...((schema.required as string[] | undefined) ?? []),
      ...(each(schema.allOf) ?? []).flat(),
      ...common,
    ]),
  ];
}

function settings(parameters: readonly ParameterObject[], place: string): Setting[] {
  return parameters
    .filter((parameter) => parameter.in === place)
    .flatMap(({ name, example = OWN_VALUES[name] }) =>
      example === undefined ? [] : [{ name, value: String(example), isOn: SWITCHED_ON.includes(name) }],
    );
}

function bodyOf({ requestBody }: OperationObject): { body?: Json } {
  const [example] = Object.values(requestBody?.content["application/json"]?.examples ?? {});
  return example ? { body: example.value } : {};
}

export function foldersOf(steps: readonly Step[]): Map<string, Step[]> {
  return Map.groupBy(steps, ({ folder }) => folder);
}

/** The part of a step's query that is switched on, from its `?`. */
export function queryOf({ query }: Step): string {
  const pairs = query.filter(({ isOn }) => isOn).map(({ name, value }) => `${name}=${value}`);
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}
