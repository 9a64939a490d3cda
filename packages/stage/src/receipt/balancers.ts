import {
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  paginateDescribeLoadBalancers,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { MONTH_OF } from "../prices.ts";
import { all, aws, hasTags, type Look, patient, type StageAccess } from "./found.ts";

/** The limit of one request. */
const TAGS_AT_ONCE = 20;

/** The balancer. Its target groups cost nothing and are useless without it. */
export const balancers: Look = {
  service: "Load balancing",
  namespaces: ["elasticloadbalancing"],
  types: ["AWS::ElasticLoadBalancingV2::LoadBalancer"],
  async find(asked) {
    return (await listBalancers(asked)).map(({ LoadBalancerArn: id = "", LoadBalancerName: name = "" }) => ({
      type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
      id,
      name,
      usdMonthly: MONTH_OF.balancer,
      commands: [aws(asked, "elbv2", "delete-load-balancer", "--load-balancer-arn", id)],
    }));
  },
};

/** Identified only by their tags: their names have room for six letters of the stack's. */
export async function listBalancers(asked: StageAccess): Promise<LoadBalancer[]> {
  const client = new ElasticLoadBalancingV2Client(patient(asked));
  const found = await all(paginateDescribeLoadBalancers({ client }, {}), (page) => page.LoadBalancers);
  const ours = new Set<string>();
  for (let at = 0; at < found.length; at += TAGS_AT_ONCE) {
    const ResourceArns = found
      .slice(at, at + TAGS_AT_ONCE)
      .flatMap(({ LoadBalancerArn }) => LoadBalancerArn ?? []);
    const { TagDescriptions = [] } = await client.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn = "", Tags } of TagDescriptions) if (hasTags(asked, Tags)) ours.add(ResourceArn);
  }
  return found.filter(({ LoadBalancerArn = "" }) => ours.has(LoadBalancerArn));
}
