import { DeadLetterHeaders, ReplayHeaders } from "@cloud-design/core/billing/dead-letter";
import { LANE_NAMES, LANES, type Lane } from "@cloud-design/core/billing/lanes";
import { OrderMessage } from "@cloud-design/core/billing/order";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE, OrderHeaders } from "@cloud-design/core/billing/queue";
import {
  EVENT_DEAD_LETTERS,
  EventHeaders,
  eventId,
  ORDER_EVENTS,
  OrderEvent,
  type OrderEventType,
} from "@cloud-design/core/events";
import * as z from "zod";
import type { Schema } from "./document.ts";

/** The parts of an AsyncAPI document that are read here, as JSON. */
export interface AsyncApiDocument {
  info: { version: string };
  channels: Record<string, { address: string }>;
  components: { messages: Record<string, { payload: Schema }>; schemas: Record<string, Schema> };
}

const AMQP = "0.3.0";
/** Mandatory: a message without a queue is returned. Persistent: a confirmed message survives a restart of the broker. */
const OURS = { deliveryMode: 2, mandatory: true };
const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };
const HEADERS = {
  owner: "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c002",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  accepted_at: "2026-11-26T08:00:00.000Z",
};

/** AMQP's own properties, which AsyncAPI does not model. */
const MessageProperties = z.object({
  messageId: z.string().min(1).optional().meta({
    description:
      "The order's id. A message with a foreign id is recorded once as well; a repeated message without an id is a second order. A dead letter without an id gets one.",
  }),
  contentType: z
    .string()
    .optional()
    .meta({ examples: ["application/json"] }),
  deliveryMode: z.int().min(1).max(2).optional().meta({ description: "The platform sends 2, persistent." }),
  appId: z
    .string()
    .optional()
    .meta({ examples: ["cloud-design"] }),
});

const OF_THE_BROKER = {
  "x-delivery-count": z.int().min(0).optional().meta({
    description: "Written by the broker: how often the message was returned to the queue before.",
  }),
};
const MessageHeaders = OrderHeaders.extend({ ...ReplayHeaders.shape, ...OF_THE_BROKER });

const EVENT = {
  occurred_at: "2026-11-26T08:00:01.000Z",
  order: { id: "ord_tpbnw446xPP4AWF6JTmSZig5elcrwdGiZnom8XSs", owner: HEADERS.owner },
};

/** The queues and the events as a document. Any client that knows the name of the standard queue may publish: no AMQP property and no field of the platform is required. */
export function asyncApi(version: string): AsyncApiDocument {
  const document = {
    asyncapi: "3.0.0",
    info: {
      title: "cloud-design orders",
      version,
      description:
        "Orders on their way to billing, and the events that follow from them. The body of an order's message is the JSON object of the order and nothing more; other data is in its properties and headers. " +
        "Publish without declaring the queue, or declare it passively: RabbitMQ refuses a declaration that differs from the platform's.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      laptop: {
        host: "localhost:15720",
        protocol: "amqp",
        description: "On the laptop. On AWS the broker is inside the network and speaks `amqps`.",
      },
    },
    channels: {
      ...Object.fromEntries(LANE_NAMES.map((lane) => [LANES[lane].queue, laneChannel(lane)])),
      [BILLING_DEAD_LETTERS]: {
        address: BILLING_DEAD_LETTERS,
        description:
          "Messages that can never be recorded, unchanged, with the reason. Behind a fanout exchange of the same name.",
        messages: { deadLetter: { $ref: "#/components/messages/deadLetter" } },
        bindings: { amqp: queueBinding(BILLING_DEAD_LETTERS) },
      },
      [ORDER_EVENTS]: {
        address: ORDER_EVENTS,
        description: `A topic exchange whose routing keys are the types of events. A subscriber binds a queue of its own. Each event comes at least once, in any order; events that inventory cannot hear are in \`${EVENT_DEAD_LETTERS}\`.`,
        messages: {
          orderRecorded: { $ref: "#/components/messages/orderRecorded" },
          orderRejected: { $ref: "#/components/messages/orderRejected" },
        },
        bindings: {
          amqp: {
            is: "routingKey",
            exchange: { name: ORDER_EVENTS, type: "topic", durable: true, autoDelete: false, vhost: "/" },
            bindingVersion: AMQP,
          },
        },
      },
    },
    operations: {
      ...eachLane("bridgePublishes", "Order", (queue) =>
        publishes(
          queue,
          "order",
          "The order bridge publishes an accepted order. The order counts as published only after a confirm without a return.",
        ),
      ),
      foreignClientPublishesOrder: publishes(
        BILLING_QUEUE,
        "order",
        "A foreign client publishes the bare body, with no properties at all. Unknown fields are dropped.",
        {},
      ),
      ...eachLane("billingRecords", "Order", (queue) => ({
        action: "receive",
        channel: { $ref: `#/channels/${queue}` },
        messages: [{ $ref: `#/channels/${queue}/messages/order` }],
        summary:
          "Billing records an order once, however often its message arrives, and acknowledges after the commit.",
        bindings: { amqp: { ack: true, bindingVersion: AMQP } },
      })),
      ...eachLane("operatorReplays", "DeadLetter", (queue) =>
        publishes(
          queue,
          "order",
          "An operator replays a dead letter to the queue that it came from: the same body and id, with headers that name the operator and the reason.",
        ),
      ),
      billingPublishesDeadLetter: publishes(
        BILLING_DEAD_LETTERS,
        "deadLetter",
        "Billing dead-letters a message that can never be recorded.",
      ),
      billingPublishesRecorded: publishes(
        ORDER_EVENTS,
        "orderRecorded",
        "Billing tells of each order that it has recorded, until RabbitMQ has confirmed it in a queue.",
      ),
      billingPublishesRejected: publishes(
        ORDER_EVENTS,
        "orderRejected",
        "Billing tells of each order of the API that it has rejected, likewise.",
      ),
      inventoryCountsOrders: {
        action: "receive",
        channel: { $ref: `#/channels/${ORDER_EVENTS}` },
        messages: [{ $ref: `#/channels/${ORDER_EVENTS}/messages/orderRecorded` }],
        summary: "Inventory counts for each movie how often it was ordered, each event once.",
        bindings: { amqp: { ack: true, bindingVersion: AMQP } },
      },
    },
    components: {
      messages: {
        order: {
          name: "order",
          title: "An order",
          contentType: "application/json",
          payload: { $ref: "#/components/schemas/OrderMessage" },
          headers: { $ref: "#/components/schemas/MessageHeaders" },
          bindings: { amqp: { messageType: "order", bindingVersion: AMQP } },
          examples: [
            { name: "ours", payload: ORDER, headers: HEADERS },
            { name: "foreign", payload: { ...ORDER, user_id: 3 } },
          ],
          "x-amqp-properties": { $ref: "#/components/schemas/MessageProperties" },
        },
        deadLetter: {
          name: "deadLetter",
          title: "A malformed order, or one that can never be recorded",
          contentType: "application/json",
          payload: { description: "The published bytes, unchanged; they may not be JSON." },
          headers: { $ref: "#/components/schemas/DeadLetterHeaders" },
          bindings: { amqp: { messageType: "deadLetter", bindingVersion: AMQP } },
          examples: [
            {
              name: "incomplete",
              payload: { user_id: "3" },
              headers: { "x-reason": "The message is not an order: number_of_items is missing." },
            },
          ],
          "x-amqp-properties": { $ref: "#/components/schemas/MessageProperties" },
        },
        orderRecorded: eventMessage("order.recorded", "An order was recorded", {
          user_id: 3,
          number_of_items: 5,
          total_amount: "180.00",
          movie_id: 7,
        }),
        orderRejected: eventMessage("order.rejected", "An order was rejected", {
          reason: "Its Idempotency-Key had already been used for another order.",
        }),
      },
      schemas: {
        OrderMessage: jsonSchema(OrderMessage),
        MessageHeaders: jsonSchema(MessageHeaders),
        DeadLetterHeaders: jsonSchema(DeadLetterHeaders.extend(OF_THE_BROKER)),
        MessageProperties: jsonSchema(MessageProperties),
        OrderRecordedEvent: jsonSchema(eventSchema("order.recorded")),
        OrderRejectedEvent: jsonSchema(eventSchema("order.rejected")),
        EventHeaders: jsonSchema(EventHeaders),
      },
    },
  };
  return JSON.parse(JSON.stringify(document));
}

const DESCRIPTIONS: Record<Lane, string> = {
  standard: "A quorum queue behind the default exchange.",
  priority:
    "The same for orders of premium customers, which wait only for each other. Only the platform publishes here.",
};

function laneChannel(lane: Lane) {
  const { queue } = LANES[lane];
  return {
    address: queue,
    description: DESCRIPTIONS[lane],
    messages: { order: { $ref: "#/components/messages/order" } },
    bindings: { amqp: queueBinding(queue) },
  };
}

/** An operation for each lane: `billingRecordsOrder`, and `billingRecordsPriorityOrder`. */
function eachLane<T>(verb: string, noun: string, operation: (queue: string) => T): Record<string, T> {
  return Object.fromEntries(
    LANE_NAMES.map((lane) => [
      `${verb}${lane === "standard" ? "" : "Priority"}${noun}`,
      operation(LANES[lane].queue),
    ]),
  );
}

function eventSchema(type: OrderEventType): z.ZodType {
  const schema = OrderEvent.options.find(({ shape }) => shape.type.value === type);
  if (!schema) throw new Error(`There is no event ${type}`);
  return schema;
}

function eventMessage(type: OrderEventType, title: string, fields: object) {
  const name = type === "order.recorded" ? "OrderRecordedEvent" : "OrderRejectedEvent";
  const order = { ...EVENT.order, ...fields };
  return {
    name: type,
    title,
    contentType: "application/json",
    payload: { $ref: `#/components/schemas/${name}` },
    headers: { $ref: "#/components/schemas/EventHeaders" },
    bindings: { amqp: { messageType: type, bindingVersion: AMQP } },
    examples: [
      {
        name: type,
        payload: { ...EVENT, id: eventId(EVENT.order.id, type), type, order },
        // The trace of a rejection is not kept.
        headers: type === "order.recorded" ? { traceparent: HEADERS.traceparent } : {},
      },
    ],
  };
}

function queueBinding(name: string) {
  return {
    is: "queue",
    queue: { name, durable: true, exclusive: false, autoDelete: false, vhost: "/" },
    bindingVersion: AMQP,
  };
}

function publishes(queue: string, message: string, summary: string, binding: object = OURS) {
  return {
    action: "send",
    channel: { $ref: `#/channels/${queue}` },
    messages: [{ $ref: `#/channels/${queue}/messages/${message}` }],
    summary,
    bindings: { amqp: { ...binding, bindingVersion: AMQP } },
  };
}

/** The schema of the input: a field with a default, or one that is dropped when it is malformed, is optional. */
function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    },
  });
  return rest;
}
