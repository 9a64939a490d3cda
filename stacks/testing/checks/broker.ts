import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { brokerContainer } from "./broker-container.ts";

const Broker = z.object({
  EngineType: z.string(),
  EngineVersion: z.string(),
  PubliclyAccessible: z.boolean().optional(),
  AutoMinorVersionUpgrade: z.boolean().optional(),
  Logs: z.object({ General: z.boolean() }).optional(),
  Users: z.array(z.object({ Username: z.string(), Password: z.string() })),
  SubnetIds: z.array(z.string()),
  DeploymentMode: z.string(),
});

const CREDENTIALS = "{{resolve:secretsmanager:<Broker/Credentials>:SecretString:";

/** Amazon MQ, for which the rule packs have no rule: private, current, logged, with one user whose password is generated. */
export function broker(app: App): string[] {
  if (settingsOf(app.preset).brokerInstance === "container") return brokerContainer(app);
  const brokers = resourcesOf(app, "AWS::AmazonMQ::Broker", Broker);
  if (brokers.length !== 1) return [`There are ${brokers.length} brokers`];
  return brokers.flatMap(({ properties }) => {
    const { Users, SubnetIds, DeploymentMode } = properties;
    const nodes = DeploymentMode === "CLUSTER_MULTI_AZ" ? 3 : 1;
    const requirements: [string, boolean][] = [
      ["is RabbitMQ", properties.EngineType === "RABBITMQ"],
      ["runs 4.2", properties.EngineVersion === "4.2"],
      ["is private", properties.PubliclyAccessible === false],
      [
        "takes minor versions by itself, or Amazon MQ refuses it",
        properties.AutoMinorVersionUpgrade === true,
      ],
      ["writes its general log", properties.Logs?.General === true],
      ["has a subnet for each node", new Set(SubnetIds).size === nodes],
      ["has one user, which is all that Amazon MQ takes", Users.length === 1],
      ["reads the user from its secret", Users[0]?.Username === `${CREDENTIALS}username::}}`],
      ["reads the password from its secret", Users[0]?.Password === `${CREDENTIALS}password::}}`],
    ];
    return requirements
      .filter(([, isMet]) => !isMet)
      .map(([claim]) => `It is not so that the broker ${claim}`);
  });
}
