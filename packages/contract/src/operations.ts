import { OrderBody } from "@cloud-design/core/billing/order";
import {
  OrderAccepted,
  OrderId,
  OrderOutcome,
  OrderRecorded,
  OrderRejected,
  OrderWaiting,
} from "@cloud-design/core/billing/order-state";
import { FieldError } from "@cloud-design/core/errors";
import { IdempotencyKey } from "@cloud-design/core/idempotency-key";
import {
  Deleted,
  ImportAccepted,
  ImportBody,
  ImportId,
  ImportSeen,
  ImportUpload,
  Movie,
  MovieBody,
  MovieId,
  MovieQuery,
  Movies,
} from "@cloud-design/core/inventory";
import {
  OrderRecordedDelivery,
  OrderRejectedDelivery,
  Webhook,
  WebhookBody,
  WebhookCreated,
  WebhookId,
  Webhooks,
} from "@cloud-design/core/webhooks";
import type { Path, ROUTES } from "@cloud-design/functions/gateway/routes";
import { PlatformStatus } from "@cloud-design/functions/shared/platform-status";
import { Problem, type ProblemCode } from "@cloud-design/http";
import { Live, Ready } from "@cloud-design/http/health";
import * as z from "zod";
import type {
  ZodOpenApiMediaTypeObject,
  ZodOpenApiOperationObject,
  ZodOpenApiResponseObject,
} from "zod-openapi";
import { AWS_UNAVAILABLE, AwsMessage } from "./refusals.ts";

export interface Operation
  extends Pick<ZodOpenApiOperationObject, "description" | "requestParams" | "requestBody"> {
  operationId: string;
  tag: "Movies" | "Imports" | "Orders" | "Webhooks" | "Health";
  summary: string;
  /** Its successful answers, and its own failures. */
  answers: Record<string, ZodOpenApiResponseObject>;
  /** Its problems, besides those that any request may get. */
  refuses: readonly ProblemCode[];
}

/** Exactly one for each row of `ROUTES`, which the type check ensures. */
type Operations = { [Known in Path]: Record<keyof (typeof ROUTES)[Known], Operation> };

/** The problems of an operation with a body. */
const BAD_BODY = [
  "invalid-request",
  "malformed-json",
  "payload-too-large",
  "unsupported-media-type",
] as const;

const MOVIE = { id: 7, title: "Playtime", description: "Comedy, 1967." };
const MOVIE_BODY = { title: MOVIE.title, description: MOVIE.description };
const IMPORT_ID = "0b6c9f3e-4d9a-4c1e-9a57-6f0a3c2b1d7e";
const IMPORT_BODY = { format: "csv", bytes: 25_000_000, sha256: "5f2d".repeat(16) };
const IMPORT = {
  id: IMPORT_ID,
  state: "awaiting_upload",
  format: IMPORT_BODY.format,
  bytes: IMPORT_BODY.bytes,
  rows: { done: 0, added: 0 },
  created_at: "2026-11-26T08:00:00.000Z",
};
const UPLOAD = {
  url: "https://s3.eu-west-3.amazonaws.com/imports",
  fields: { key: `imports/${IMPORT_ID}/upload`, "Content-Type": "text/csv", Policy: "eyJleHBpcmF0aW9u" },
  valid_seconds: 300,
};
const ORDER_ID = "ord_9WtV6uvHFyn4nHx0DZD2Pcmvk8nCyxJVHpd3SpZF";
const WEBHOOK_BODY = { url: "https://shop.example/events", events: ["order.recorded"] };
const WEBHOOK = {
  id: "whk_Zk3v1Qm8tXcR0aWnY5dB",
  ...WEBHOOK_BODY,
  created_at: "2026-11-26T08:00:00.000Z",
};
const ORDER = { user_id: 3, number_of_items: 5, total_amount: "180.00" };

const movieId = z.object({
  id: MovieId.meta({ description: "The movie's id.", param: { example: MOVIE.id } }),
});
const importId = z.object({
  id: ImportId.meta({ description: "The import's id.", param: { example: IMPORT_ID } }),
});
const orderId = z.object({
  id: OrderId.meta({ description: "The order's id.", param: { example: ORDER_ID } }),
});

const webhookId = z.object({
  id: WebhookId.meta({ description: "The webhook's id.", param: { example: WEBHOOK.id } }),
});

function idempotencyKey(otherwise: string) {
  return IdempotencyKey.optional().meta({
    description: `Bare or quoted. The same key and caller give the same result once, however often it is sent. ${otherwise}`,
  });
}

function json(
  schema: z.ZodType,
  value: unknown,
  summary?: string,
): Record<string, ZodOpenApiMediaTypeObject> {
  return { "application/json": { schema, examples: { example: { ...(summary && { summary }), value } } } };
}

const movieBody = { required: true, content: json(MovieBody, MOVIE_BODY) };
const movieAnswer = (description: string) => ({ 200: { description, content: json(Movie, MOVIE) } });

const locationHeader = (path: string) => ({
  Location: {
    description: "Its address, relative to the request.",
    required: true,
    schema: { type: "string" as const, format: "uri-reference", examples: [path] },
  },
});
const retryAfterIn = (description: string) => ({
  "Retry-After": {
    description,
    required: true,
    schema: { type: "integer" as const, minimum: 1, maximum: 30, examples: [1] },
  },
});

const accepted = {
  description: "SQS has the order: it will be recorded, or rejected with a reason.",
  content: json(OrderAccepted, { id: ORDER_ID, status: "accepted", ...ORDER }),
};
const orderLocation = locationHeader(`/api/billing/orders/${ORDER_ID}`);

const COMPONENTS = ["inventory", "inventory-database", "billing", "billing-database", "rabbitmq"];
const STATUS = {
  status: "up",
  checked_at: "2026-11-26T08:00:00.000Z",
  components: [
    ...COMPONENTS.map((name) => ({ name, status: "up", latency_ms: 4 })),
    { name: "orders-queue", status: "up", latency_ms: 2, waiting: 0, lanes: { standard: 0, priority: 0 } },
  ],
};
const DOWN = {
  ...STATUS,
  status: "down",
  components: [
    { name: "inventory", status: "down", latency_ms: 3 },
    { name: "orders-queue", status: "down", latency_ms: 1 },
  ],
};

export const OPERATIONS = {
  "/api/movies": {
    GET: {
      operationId: "listMovies",
      tag: "Movies",
      summary: "List movies, or find them by title",
      description:
        "The newest or the most often ordered first, 1,000 at most, and fewer when they are large. `Link` leads to the next page; it is absent on the last.",
      requestParams: {
        query: z.object({
          title: MovieQuery.shape.title.meta({
            description: "Part of the title, in any case.",
            param: { example: "playtime" },
          }),
          sort: MovieQuery.shape.sort.meta({
            description:
              "`newest` by default. `popular`: by how many recorded orders named the movie as `movie_id`; a movie that is ordered between two pages may be on both, or on neither.",
            param: { example: "newest" },
          }),
          limit: MovieQuery.shape.limit.meta({
            description: "The maximum number; 1,000 by default.",
            param: { example: 20 },
          }),
          cursor: MovieQuery.shape.cursor.meta({
            description: "Opaque; it comes from `Link`, and belongs to its `sort`.",
          }),
        }),
      },
      answers: {
        200: {
          description: "The movies.",
          headers: {
            Link: {
              description: 'RFC 8288: `</api/movies?cursor=...>; rel="next"`, relative to the request.',
              schema: { type: "string", pattern: '^<[^>]+>; rel="next"$' },
            },
          },
          content: json(Movies, [MOVIE]),
        },
      },
      refuses: ["invalid-request", "unavailable"],
    },
    POST: {
      operationId: "createMovie",
      tag: "Movies",
      summary: "Create a movie",
      description: "Unknown fields are refused, because they may be misspelt.",
      requestParams: {
        header: z.object({ "Idempotency-Key": idempotencyKey("With another movie it is refused.") }),
      },
      requestBody: movieBody,
      answers: {
        200: {
          description: "The movie.",
          headers: locationHeader(`/api/movies/${MOVIE.id}`),
          content: json(Movie, MOVIE),
        },
      },
      refuses: [...BAD_BODY, "key-reused", "unavailable"],
    },
    DELETE: {
      operationId: "deleteMovies",
      tag: "Movies",
      summary: "Delete all movies",
      description: "Only for administrators; a machine is never one.",
      answers: { 200: { description: "They are deleted.", content: json(Deleted, { deleted: 800 }) } },
      refuses: ["unavailable"],
    },
  },
  "/api/movies/{id}": {
    GET: {
      operationId: "getMovie",
      tag: "Movies",
      summary: "Read a movie",
      requestParams: { path: movieId },
      answers: movieAnswer("The movie."),
      refuses: ["invalid-request", "not-found", "unavailable"],
    },
    PUT: {
      operationId: "replaceMovie",
      tag: "Movies",
      summary: "Replace a movie",
      requestParams: { path: movieId },
      requestBody: movieBody,
      answers: movieAnswer("The movie as it is now."),
      refuses: [...BAD_BODY, "not-found", "unavailable"],
    },
    DELETE: {
      operationId: "deleteMovie",
      tag: "Movies",
      summary: "Delete a movie",
      requestParams: { path: movieId },
      answers: movieAnswer("The movie as it was."),
      refuses: ["invalid-request", "not-found", "unavailable"],
    },
  },
  "/api/imports": {
    POST: {
      operationId: "createImport",
      tag: "Imports",
      summary: "Announce a file of movies",
      description:
        "The answer has a form for exactly this file: send it to S3 with the file as its last field, `file`. Nothing of the file passes the API. `Location` then tells how far the import is.",
      requestBody: { required: true, content: json(ImportBody, IMPORT_BODY) },
      answers: {
        202: {
          description: "The import waits for its file.",
          headers: locationHeader(`/api/imports/${IMPORT_ID}`),
          content: json(ImportAccepted, { ...IMPORT, upload: UPLOAD }),
        },
      },
      refuses: [...BAD_BODY, "unavailable"],
    },
  },
  "/api/imports/{id}": {
    GET: {
      operationId: "getImport",
      tag: "Imports",
      summary: "See how far an import is",
      description: "Another caller's import looks the same as one that does not exist.",
      requestParams: { path: importId },
      answers: {
        200: {
          description: "The import as it is now.",
          content: json(ImportSeen, {
            ...IMPORT,
            state: "done",
            rows: { total: 97_000, done: 97_000, added: 97_000, bad: 3_000, duplicates: 0 },
            report: `${UPLOAD.url}/reports/${IMPORT_ID}.ndjson?X-Amz-Expires=300`,
          }),
        },
      },
      refuses: ["invalid-request", "not-found", "unavailable"],
    },
  },
  "/api/billing": {
    POST: {
      operationId: "placeOrder",
      tag: "Orders",
      summary: "Place an order",
      description:
        "Answered once the order can no longer be lost. `Location` then tells its outcome. Unknown fields are refused.",
      requestParams: {
        header: z.object({
          "Idempotency-Key": idempotencyKey("With another order it gives an id that ends as `rejected`."),
          Prefer: z
            .string()
            .optional()
            .meta({ description: "RFC 7240: `respond-async` asks for 202 in place of 200." }),
          traceparent: z.string().optional().meta({
            description:
              "W3C Trace Context; it goes with the order into its row. A malformed one is ignored.",
          }),
        }),
      },
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: OrderBody,
            examples: {
              strings: { value: { user_id: "3", number_of_items: "5", total_amount: "180" } },
              numbers: { value: { user_id: 3, number_of_items: 5, total_amount: 180 } },
            },
          },
        },
      },
      answers: {
        200: { ...accepted, headers: orderLocation },
        202: {
          ...accepted,
          headers: {
            ...orderLocation,
            ...retryAfterIn("Seconds until the outcome may be known. Random within bounds."),
            "Preference-Applied": {
              description: "RFC 7240.",
              required: true,
              schema: { type: "string", enum: ["respond-async"] },
            },
          },
        },
      },
      refuses: [...BAD_BODY, "unavailable"],
    },
  },
  "/api/billing/orders/{id}": {
    GET: {
      operationId: "getOrder",
      tag: "Orders",
      summary: "See the outcome of an order",
      description: "Another caller's order looks the same as one that does not exist.",
      requestParams: { path: orderId },
      answers: {
        200: {
          description: "It is recorded, or rejected with a reason.",
          content: {
            "application/json": {
              schema: OrderOutcome,
              examples: {
                recorded: {
                  value: {
                    id: ORDER_ID,
                    status: "recorded",
                    ...ORDER,
                    accepted_at: "2026-11-26T08:00:00.000Z",
                    recorded_at: "2026-11-26T08:00:00.120Z",
                  },
                },
                rejected: {
                  value: {
                    id: ORDER_ID,
                    status: "rejected",
                    reason: "Its Idempotency-Key had already been used for another order.",
                    rejected_at: "2026-11-26T08:00:00.120Z",
                  },
                },
              },
            },
          },
        },
        202: {
          description: "It is accepted, and billing has not seen it yet.",
          headers: retryAfterIn(
            "Seconds until the next attempt is worthwhile: the more, the more orders wait in SQS. Random within bounds, so that callers do not come back together.",
          ),
          content: json(OrderWaiting, { id: ORDER_ID, status: "accepted" }),
        },
      },
      refuses: ["invalid-request", "not-found", "unavailable"],
    },
  },
  "/api/webhooks": {
    GET: {
      operationId: "listWebhooks",
      tag: "Webhooks",
      summary: "List one's own webhooks",
      description: "The oldest first.",
      answers: { 200: { description: "The webhooks.", content: json(Webhooks, [WEBHOOK]) } },
      refuses: ["unavailable"],
    },
    POST: {
      operationId: "createWebhook",
      tag: "Webhooks",
      summary: "Be told of one's own orders",
      description:
        "From then on each event of the caller's orders is posted to the address, signed as in Standard Webhooks. A caller has ten webhooks at most. The answer alone has the secret: if it is lost, delete the webhook and create another.",
      requestBody: { required: true, content: json(WebhookBody, WEBHOOK_BODY) },
      answers: {
        200: {
          description: "The webhook, with its secret.",
          headers: locationHeader(`/api/webhooks/${WEBHOOK.id}`),
          content: json(WebhookCreated, {
            ...WEBHOOK,
            secret: "whsec_Jc9tqVn1xWm0uXo6bVh3l5r8Qe7aKf2dPzYsTgMhRkE=",
          }),
        },
      },
      refuses: [...BAD_BODY, "unavailable"],
    },
  },
  "/api/webhooks/{id}": {
    GET: {
      operationId: "getWebhook",
      tag: "Webhooks",
      summary: "Read a webhook",
      description: "Another caller's webhook looks the same as one that does not exist.",
      requestParams: { path: webhookId },
      answers: { 200: { description: "The webhook.", content: json(Webhook, WEBHOOK) } },
      refuses: ["invalid-request", "not-found", "unavailable"],
    },
    DELETE: {
      operationId: "deleteWebhook",
      tag: "Webhooks",
      summary: "Delete a webhook",
      description: "Deliveries that wait for another attempt are dropped. One under way may still arrive.",
      requestParams: { path: webhookId },
      answers: { 200: { description: "The webhook as it was.", content: json(Webhook, WEBHOOK) } },
      refuses: ["invalid-request", "not-found", "unavailable"],
    },
  },
  "/api/status": {
    GET: {
      operationId: "getStatus",
      tag: "Health",
      summary: "See the state of each component",
      answers: {
        200: { description: "The API is up, or degraded.", content: json(PlatformStatus, STATUS) },
        503: {
          description: "The API is down.",
          content: json(
            z.union([PlatformStatus, AwsMessage]),
            DOWN,
            "Movies cannot be read and orders cannot be placed",
          ),
        },
      },
      refuses: [],
    },
  },
  "/health/live": {
    GET: {
      operationId: "getLive",
      tag: "Health",
      summary: "See whether the gateway runs",
      answers: {
        200: { description: "It does.", content: json(Live, { status: "live" }) },
        503: AWS_UNAVAILABLE,
      },
      refuses: [],
    },
  },
  "/health/ready": {
    GET: {
      operationId: "getReady",
      tag: "Health",
      summary: "See whether the gateway can serve",
      answers: {
        200: { description: "It can.", content: json(Ready, { status: "ready" }) },
        503: AWS_UNAVAILABLE,
      },
      refuses: [],
    },
  },
} satisfies Operations;

/** The events that a webhook is told of, each with the schema and an example of its body. */
export const EVENTS = {
  "order.recorded": {
    summary: "An order of the caller was recorded",
    schema: OrderRecordedDelivery,
    example: { type: "order.recorded", timestamp: WEBHOOK.created_at, data: { id: ORDER_ID, ...ORDER } },
  },
  "order.rejected": {
    summary: "An order of the caller was rejected",
    schema: OrderRejectedDelivery,
    example: {
      type: "order.rejected",
      timestamp: WEBHOOK.created_at,
      data: { id: ORDER_ID, reason: "Its Idempotency-Key had already been used for another order." },
    },
  },
} as const;

/** The schemas with a name of their own in the document; any other stands where it is used. */
export const SCHEMAS = {
  AwsMessage,
  Deleted,
  FieldError,
  ImportAccepted,
  ImportBody,
  ImportSeen,
  ImportUpload,
  Live,
  Movie,
  MovieBody,
  Movies,
  OrderAccepted,
  OrderBody,
  OrderId,
  OrderOutcome,
  OrderRecorded,
  OrderRecordedDelivery,
  OrderRejected,
  OrderRejectedDelivery,
  OrderWaiting,
  PlatformStatus,
  Problem,
  Ready,
  Webhook,
  WebhookBody,
  WebhookCreated,
  Webhooks,
};
