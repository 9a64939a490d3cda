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

/** What a reader of the collections may change, with the laptop's values. */
export const VARIABLES = {
  baseUrl: "http://localhost:3000",
  tokenUrl: `${LAPTOP_SIGN_IN}${TOKEN_PATH}`,
  clientId: "machine",
  clientSecret: "local-machine-secret",
};

/** One request of the collections. They stand in an order in which each finds what it needs. */
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
  /** Properties that the answer must have. */
  properties: string[];
  /** The variable that keeps the `id` of the answer. */
  saves?: string;
  /** Asked again while the answer has the first status; the last must have the second. */
  waits?: { while: string; until: string };
  /** Why it is refused, when it is. */
  note?: string;
}

export interface Setting {
  name: string;
  value: string;
  isOn: boolean;
}

const ID_OF: Record<string, string> = {
  createMovie: "movieId",
  "/api/movies/{id}": "movieId",
  placeOrder: "orderId",
  "/api/billing/orders/{id}": "orderId",
};
/** The document has no example of them: pasted twice, a fixed key makes the second order a mistake. Each of the three tools makes a new `$guid` for every request. */
const OWN_VALUES: Record<string, string> = { "Idempotency-Key": "{{$guid}}", Prefer: "respond-async" };
/** Every other parameter changes what comes back, so a reader switches it on. */
const SWITCHED_ON = ["title", "limit", "Idempotency-Key"];

/** Half a minute, at two a second, for what takes less than one when all is well. */
export const TRIES_MAX = 60;

export function stepsOf(document: OpenApiDocument): Step[] {
  return operationsOf(document).map(({ path, method, operation }) => {
    const { operationId, summary, tags, parameters = [] } = operation;
    const status = expectedStatus(operation);
    const schema = answerSchema(document, operation, status);
    const saves = ID_OF[operationId];
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

/** The lowest, or the refusal of a machine's token, with which the collections come and which never has some scopes. */
function expectedStatus(operation: OperationObject): number {
  const withheld = withheldScopes([]).map(spelledOut);
  const isWithheld = scopesOf(operation).some((scope) => withheld.includes(scope));
  return isWithheld ? 403 : Number(Object.keys(operation.responses)[0]);
}

function answerSchema(document: OpenApiDocument, { responses }: OperationObject, status: number): Schema {
  const { content = {} } = resolve<ResponseObject>(document, responses[status] ?? { description: "" });
  return resolve(document, Object.values(content)[0]?.schema ?? {});
}

/** In an alternative, what all of them have. */
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

/** The switched-on part of a step's query, from its `?` on. */
export function queryOf({ query }: Step): string {
  const pairs = query.filter(({ isOn }) => isOn).map(({ name, value }) => `${name}=${value}`);
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}
