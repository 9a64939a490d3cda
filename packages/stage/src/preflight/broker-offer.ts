import {
  type BrokerInstanceOption,
  DescribeBrokerInstanceOptionsCommand,
  MqClient,
} from "@aws-sdk/client-mq";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import { BROKER_VERSION } from "../broker-version.ts";
import { stageSettings } from "../preset.ts";
import { Refusal } from "../refusal.ts";

/**
 * Whether the region offers the broker's size, version and mode. Amazon MQ reports a missing one only 20 minutes into a deployment; the Refusal
 * lists the offer.
 */
export async function checkBrokerOffer(stage: string, access: AwsAccess): Promise<string> {
  const { brokerInstance, brokerMode } = stageSettings(stage);
  if (brokerInstance === "container") return `RabbitMQ ${BROKER_VERSION} in a container`;
  const offers = await brokerOffers(access);
  const refuse = (what: string, offered: readonly (string | undefined)[]) =>
    new Refusal(
      `Amazon MQ has no ${what} in ${access.region} for this account, but ${offered.join(", ") || "nothing"}: take another region, or change the broker in packages/stage/src/settings.ts or packages/stage/src/broker-version.ts.`,
    );
  const offer = offers.find(({ HostInstanceType }) => HostInstanceType === brokerInstance);
  if (!offer) {
    const sizes = offers.map(({ HostInstanceType }) => HostInstanceType);
    throw refuse(`${brokerInstance} for RabbitMQ`, sizes);
  }
  const { SupportedEngineVersions: versions = [], SupportedDeploymentModes: modes = [] } = offer;
  // The list has 4.2 or its patch releases.
  if (!versions.some((version) => `${version}.`.startsWith(`${BROKER_VERSION}.`))) {
    throw refuse(`RabbitMQ ${BROKER_VERSION} on ${brokerInstance}`, versions);
  }
  if (!modes.includes(brokerMode)) throw refuse(`${brokerMode} on ${brokerInstance}`, modes);
  return `RabbitMQ ${BROKER_VERSION} on ${brokerInstance}, ${brokerMode}`;
}

async function brokerOffers(access: AwsAccess): Promise<BrokerInstanceOption[]> {
  try {
    return await askForBrokers(access);
  } catch (error) {
    throw explained(error, access);
  }
}

/** Rejects with the SDK's own error. */
export async function askForBrokers(access: AwsAccess): Promise<BrokerInstanceOption[]> {
  const question = new DescribeBrokerInstanceOptionsCommand({ EngineType: "RABBITMQ", MaxResults: 100 });
  const { BrokerInstanceOptions = [] } = await new MqClient(clientSettings(access)).send(question);
  return BrokerInstanceOptions;
}
