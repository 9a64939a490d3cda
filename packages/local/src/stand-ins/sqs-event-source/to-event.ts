import type { SQSEvent, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from "aws-lambda";
import * as z from "zod";

const MessageAttribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  /** In base64. */
  BinaryValue: z.string().optional(),
});

const Message = z.object({
  MessageId: z.string(),
  ReceiptHandle: z.string(),
  Body: z.string(),
  MD5OfBody: z.string(),
  Attributes: z.record(z.string(), z.string()),
  MessageAttributes: z.record(z.string(), MessageAttribute).default({}),
});
export type Message = z.output<typeof Message>;

/** SQS's answer to a poll that asked for all attributes. */
export const Received = z.object({ Messages: z.array(Message).default([]) });

/** The event that Lambda makes of a batch. `queueUrl` ends in `/<account>/<queue>`. */
export function toEvent(messages: readonly Message[], queueUrl: string, region: string): SQSEvent {
  const [account, queue] = new URL(queueUrl).pathname.split("/").slice(-2);
  const eventSourceARN = `arn:aws:sqs:${region}:${account}:${queue}`;
  return { Records: messages.map((message) => toRecord(message, eventSourceARN, region)) };
}

function toRecord(message: Message, eventSourceARN: string, awsRegion: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    // Lambda passes them on as the strings that they are.
    attributes: message.Attributes as unknown as SQSRecordAttributes,
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, toAttribute(value)])),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion,
  };
}

function toAttribute(value: z.output<typeof MessageAttribute>): SQSMessageAttribute {
  const { StringValue: stringValue, BinaryValue: binaryValue, DataType: dataType } = value;
  return {
    ...(stringValue === undefined ? {} : { stringValue }),
    ...(binaryValue === undefined ? {} : { binaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType,
  };
}
