import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import { whyKept } from "../removal.ts";
import { all, aws, type Found, isOurs, type Look, patient } from "./found.ts";

/** Queues, with the number of orders in each. */
export const queues: Look = {
  service: "SQS",
  namespaces: ["sqs"],
  types: ["AWS::SQS::Queue"],
  async find(asked) {
    const client = new SQSClient({ ...patient(asked), useQueueUrlAsEndpoint: false });
    const urls = await all(paginateListQueues({ client, pageSize: 1_000 }, {}), (page) => page.QueueUrls);
    const found: Found[] = [];
    for (const QueueUrl of urls) {
      const name = QueueUrl.split("/").at(-1) ?? "";
      if (!isOurs(asked, name, `arn:aws:sqs:${asked.region}:${asked.account}:${name}`)) continue;
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      found.push({
        type: "AWS::SQS::Queue",
        id: QueueUrl,
        name,
        size: `${Attributes.ApproximateNumberOfMessages} messages`,
        usdMonthly: 0, // a waiting message is free; requests are billed
        why: whyKept("AWS::SQS::Queue", asked.settings),
        commands: [aws(asked, "sqs", "delete-queue", "--queue-url", QueueUrl)],
      });
    }
    return found;
  },
};
