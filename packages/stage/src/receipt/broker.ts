import { MqClient, paginateListBrokers } from "@aws-sdk/client-mq";
import { MONTH_OF } from "../prices.ts";
import { all, aws, isOurs, type Look, patient } from "./found.ts";

/** RabbitMQ, the most expensive part. */
export const broker: Look = {
  service: "Amazon MQ",
  namespaces: ["mq"],
  types: ["AWS::AmazonMQ::Broker"],
  async find(asked) {
    const client = new MqClient(patient(asked));
    const brokers = await all(paginateListBrokers({ client }, {}), (page) => page.BrokerSummaries);
    return brokers
      .filter(({ BrokerName, BrokerArn }) => isOurs(asked, BrokerName, BrokerArn))
      .map(({ BrokerId: id = "", BrokerName: name = "", HostInstanceType = "", DeploymentMode }) => {
        const each = MONTH_OF.broker(HostInstanceType);
        const nodes = DeploymentMode === "CLUSTER_MULTI_AZ" ? 3 : 1;
        return {
          type: "AWS::AmazonMQ::Broker",
          id,
          name: `${name} (${id})`,
          size: `${nodes} x ${HostInstanceType}`,
          usdMonthly: each === undefined ? undefined : nodes * each,
          commands: [aws(asked, "mq", "delete-broker", "--broker-id", id)],
        };
      });
  },
};
