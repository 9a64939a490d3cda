import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from "aws-lambda";

/** The event that Lambda makes of a batch. `queueUrl` ends in `/<account>/<queue>`. */
export function toEvent(messages: readonly Message[], queueUrl: string, region: string): SQSEvent {
  const [account, queue] = new URL(queueUrl).pathname.split("/").slice(-2);
  const eventSourceARN = `arn:aws:sqs:${region}:${account}:${queue}`;
  return { Records: messages.map((message) => toRecord(message, eventSourceARN, region)) };
}

function toRecord(message: Message, eventSourceARN: string, awsRegion: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    // The poll asked SQS for all attributes, and Lambda passes them on as the strings that they are.
    attributes: message.Attributes as unknown as SQSRecordAttributes,
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, toAttribute(value)])),
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion,
  };
}

function toAttribute(value: MessageAttributeValue): SQSMessageAttribute {
  const { StringValue: stringValue, BinaryValue: binary, DataType: dataType = "String" } = value;
  return {
    ...(stringValue === undefined ? {} : { stringValue }),
    ...(binary === undefined ? {} : { binaryValue: Buffer.from(binary).toString("base64") }),
    stringListValues: [],
    binaryListValues: [],
    dataType,
  };
}
