import {
  type Cluster,
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  paginateListClusters,
  paginateListServices,
} from "@aws-sdk/client-ecs";
import { MONTH_OF } from "../prices.ts";
import { type Asked, all, aws, type Found, isOurs, type Look, patient } from "./found.ts";

/** The limit of one request. */
const AT_ONCE = { clusters: 100, services: 10 };

/** The cluster with its services, which are billed by the task. */
export const services: Look = {
  service: "ECS",
  namespaces: ["ecs"],
  types: ["AWS::ECS::Cluster", "AWS::ECS::Service"],
  async find(asked) {
    const client = new ECSClient(patient(asked));
    const arns = await all(paginateListClusters({ client }, {}), (page) => page.clusterArns);
    const found: Found[] = [];
    for (let at = 0; at < arns.length; at += AT_ONCE.clusters) {
      const { clusters = [] } = await client.send(
        new DescribeClustersCommand({ clusters: arns.slice(at, at + AT_ONCE.clusters) }),
      );
      for (const cluster of clusters) {
        // ECS lists deleted ones as inactive.
        if (cluster.status === "INACTIVE" || !isOurs(asked, cluster.clusterName, cluster.clusterArn))
          continue;
        found.push(...(await servicesOf(client, asked, cluster)), clusterFound(asked, cluster));
      }
    }
    return found;
  },
};

function clusterFound(asked: Asked, { clusterName: id = "" }: Cluster): Found {
  return {
    type: "AWS::ECS::Cluster",
    id,
    name: `cluster ${id}`,
    usdMonthly: 0,
    commands: [aws(asked, "ecs", "delete-cluster", "--cluster", id)],
  };
}

async function servicesOf(
  client: ECSClient,
  asked: Asked,
  { clusterName: cluster = "" }: Cluster,
): Promise<Found[]> {
  const arns = await all(
    paginateListServices({ client, pageSize: AT_ONCE.services }, { cluster }),
    (page) => page.serviceArns,
  );
  const found: Found[] = [];
  for (let at = 0; at < arns.length; at += AT_ONCE.services) {
    const { services: described = [] } = await client.send(
      new DescribeServicesCommand({ cluster, services: arns.slice(at, at + AT_ONCE.services) }),
    );
    for (const { serviceArn: id = "", serviceName: name = "", status, runningCount = 0 } of described) {
      if (status === "INACTIVE") continue;
      found.push({
        type: "AWS::ECS::Service",
        id,
        name: `service ${name}`,
        size: `${runningCount} tasks`,
        usdMonthly: runningCount * MONTH_OF.task,
        isAtMost: true, // on Spot it is less
        commands: [aws(asked, "ecs", "delete-service", "--cluster", cluster, "--service", name, "--force")],
      });
    }
  }
  return found;
}
