import { SCOPES, type Scope, spelledOut } from "@cloud-design/core/identity/scopes";
import { type Access, methodsOf, type Path, PUBLIC, ROUTES } from "@cloud-design/functions/gateway/routes";
import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi";
import { AUTHORIZE_PATH, LAPTOP_NOTE, LAPTOP_SIGN_IN, TOKEN_PATH } from "./addresses.ts";
import type { OpenApiDocument } from "./document.ts";
import { EVENTS, OPERATIONS, type Operation, SCHEMAS } from "./operations.ts";
import { HEADERS, refusal, refusals } from "./refusals.ts";

const DESCRIPTION = `The contract is that of the *crud-master* exercise, which checks for \`200\` where REST habit says 201 or 202.

- Every refusal is a problem of RFC 9457. Its \`type\` is the address of a page that says what to do; the meaning of its last part never changes.
  Where API Gateway itself answers, on AWS, the body is \`{"message": "..."}\` instead, and the firewall's own 403 and 429
  are problems under \`application/json\`, the only type that it has for JSON.
- \`HEAD\` comes with each \`GET\`, with the same headers and no body (RFC 9110, section 9.3.2); this document does not list it.
- \`OPTIONS\` is answered with 204 and \`Allow\`, any other method that a path does not have with 405 and \`Allow\`: each path lists its methods.
- A slash behind a path changes nothing. Unknown query parameters of \`GET /api/movies\` are refused, elsewhere they are ignored.
- A \`traceparent\` (W3C Trace Context) is carried on to the row of an order. \`traceresponse\` names the trace of every answer under \`/api\` but those that
  API Gateway gives by itself: quote it when you ask about a request.
- New fields may appear in answers at any time: ignore those you do not know.`;

/** On every answer under `/api`; a health check has no trace. */
const TRACE_RESPONSE = {
  traceresponse: {
    description: "The trace of this request, in the form of `traceparent`: `00-TRACE ID-SPAN ID-FLAGS`.",
    schema: { type: "string", pattern: "^00-[\\da-f]{32}-[\\da-f]{16}-[\\da-f]{2}$" },
  },
} satisfies ZodOpenApiResponseObject["headers"];

const SCOPE_DESCRIPTIONS: Record<Scope, string> = {
  "movies.read": "Read movies",
  "movies.write": "Create, replace and delete one movie",
  "movies.admin": "Delete all movies; administrators only",
  "orders.read": "See the outcome of one's own orders, and one's own webhooks",
  "orders.write": "Place orders, and create and delete one's own webhooks",
};

/** The HTTP API as a document: its routes are the gateway's, its schemas the ones that the code parses with. */
export function openApi(version: string): OpenApiDocument {
  const document = createDocument(
    {
      openapi: "3.1.1",
      info: {
        title: "cloud-design movie store",
        version,
        description: DESCRIPTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      tags: [
        { name: "Movies", description: "The inventory." },
        { name: "Imports", description: "Files of movies, loaded into the inventory." },
        { name: "Orders", description: "Accepted at once, recorded exactly once a moment later." },
        { name: "Webhooks", description: "Addresses that are told of the caller's own orders." },
        { name: "Health", description: "Open to everybody." },
      ],
      paths: Object.fromEntries(Object.entries(OPERATIONS).map(([path]) => [path, pathItem(path as Path)])),
      webhooks: Object.fromEntries(
        Object.keys(EVENTS).map((type) => [type, webhook(type as keyof typeof EVENTS)]),
      ),
      components: {
        schemas: SCHEMAS,
        responses: {
          MethodNotAllowed: refusal(405, ["method-not-allowed"]),
          Options: { description: "What is allowed.", headers: HEADERS[405] },
        },
        securitySchemes: {
          oauth2: {
            type: "oauth2",
            description: `Access tokens of the stage's user pool, as \`Authorization: Bearer <token>\`. ${LAPTOP_NOTE}`,
            flows: {
              clientCredentials: { tokenUrl: `${LAPTOP_SIGN_IN}${TOKEN_PATH}`, scopes: scopes() },
              authorizationCode: {
                authorizationUrl: `${LAPTOP_SIGN_IN}${AUTHORIZE_PATH}`,
                tokenUrl: `${LAPTOP_SIGN_IN}${TOKEN_PATH}`,
                scopes: scopes(),
              },
            },
          },
        },
      },
    },
    {
      override: readable,
      // Requested for every component in both directions; the output type of a parsed body is not in the document.
      allowEmptySchema: { pipe: { output: true } },
    },
  );
  // The description of a parameter belongs beside its schema; a schema that is a reference would keep a copy.
  return JSON.parse(JSON.stringify(document, (key, value) => (key === "param" ? undefined : value)));
}

function scopes(): Record<string, string> {
  return Object.fromEntries(SCOPES.map((scope) => [spelledOut(scope), SCOPE_DESCRIPTIONS[scope]]));
}

function pathItem(path: Path): ZodOpenApiPathItemObject {
  const routes: Record<string, Access> = ROUTES[path];
  const operations = Object.entries<Operation>(OPERATIONS[path]).map(([method, operation]) => [
    method.toLowerCase(),
    operationObject(operation, routes[method] ?? PUBLIC, path.startsWith("/api/")),
  ]);
  const allowed = Object.keys(methodsOf(path)).join(", ");
  return {
    description: `\`Allow: ${allowed}\`, as \`OPTIONS\` and a 405 say.`,
    ...Object.fromEntries(operations),
  };
}

function operationObject(
  { tag, answers, refuses, ...operation }: Operation,
  access: Access,
  isTraced: boolean,
): ZodOpenApiOperationObject {
  return {
    ...operation,
    tags: [tag],
    security: access === PUBLIC ? [] : [{ oauth2: [spelledOut(access)] }],
    responses: { ...refusals(access, refuses), ...(isTraced ? namingTheirTrace(answers) : answers) },
  };
}

/** A request that a receiver gets. */
function webhook(type: keyof typeof EVENTS): ZodOpenApiPathItemObject {
  const { summary, schema, example } = EVENTS[type];
  return {
    post: {
      operationId: type,
      tags: ["Webhooks"],
      summary,
      description:
        "At least once. Verify the signature before you read the body, and ignore an id that you have seen.",
      security: [],
      requestParams: { header: WebhookHeaders },
      requestBody: {
        required: true,
        content: { "application/json": { schema, examples: { example: { value: example } } } },
      },
      responses: {
        "2XX": { description: "The receiver has it; the body is not read." },
        default: {
          description:
            "Any other answer, or no answer within 5 s: the event is sent again, seven times in 28 hours. `410` ends it at once.",
        },
      },
    },
  };
}

/** Standard Webhooks 1.0. */
const WebhookHeaders = z.object({
  "webhook-id": z.string().meta({ description: "The event's id, the same in all attempts." }),
  "webhook-timestamp": z
    .string()
    .meta({ description: "When this attempt was signed, in seconds since 1970." }),
  "webhook-signature": z.string().meta({
    description:
      "`v1,` and HMAC-SHA256 in base64 of id, timestamp and body with dots between them, under the secret.",
  }),
});

function namingTheirTrace(answers: Operation["answers"]): Operation["answers"] {
  const entries = Object.entries<ZodOpenApiResponseObject>(answers).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...answer.headers, ...TRACE_RESPONSE } },
  ]);
  return Object.fromEntries(entries);
}

function readable({ jsonSchema, zodSchema, io }: ZodOpenApiOverrideContext): void {
  // Answers may get new fields, so their schemas must stay open.
  if (io === "output" && zodSchema._zod.def.type === "object") delete jsonSchema.additionalProperties;
  // The pattern of a date spells out the calendar, leap years included, in 300 characters.
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
}
