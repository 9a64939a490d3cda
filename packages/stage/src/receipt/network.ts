import {
  DescribeAddressesCommand,
  EC2Client,
  type Filter,
  paginateDescribeInstances,
  paginateDescribeNatGateways,
  paginateDescribeNetworkInterfaces,
  paginateDescribeVpcs,
} from "@aws-sdk/client-ec2";
import { MONTH_OF } from "../prices.ts";
import { APP, type Asked, all, aws, type Found, type Look, patient } from "./found.ts";

/** The network: its gateways, NAT instances and addresses cost by the hour; the rest is free and is deleted with it. */
export const network: Look = {
  service: "EC2",
  namespaces: ["ec2"],
  types: ["AWS::EC2::NatGateway", "AWS::EC2::Instance", "AWS::EC2::EIP", "AWS::EC2::VPC"],
  async find(asked) {
    const client = new EC2Client(patient(asked));
    const Filters: Filter[] = [
      { Name: "tag:sst:app", Values: [APP] },
      { Name: "tag:sst:stage", Values: [asked.stage] },
    ];
    const gateways = await all(
      paginateDescribeNatGateways({ client }, { Filter: Filters }),
      (page) => page.NatGateways,
    );
    const instances = await all(paginateDescribeInstances({ client }, { Filters }), (page) =>
      page.Reservations?.flatMap(({ Instances = [] }) => Instances),
    );
    const { Addresses: addresses = [] } = await client.send(new DescribeAddressesCommand({ Filters }));
    const vpcs = await all(paginateDescribeVpcs({ client }, { Filters }), (page) => page.Vpcs);
    return [
      ...gateways
        // EC2 lists deleted ones for an hour.
        .filter(({ State }) => State !== "deleted" && State !== "deleting")
        .map(({ NatGatewayId: id = "" }) => ({
          type: "AWS::EC2::NatGateway",
          id,
          name: `NAT gateway ${id}`,
          usdMonthly: MONTH_OF.natGateway,
          commands: [aws(asked, "ec2", "delete-nat-gateway", "--nat-gateway-id", id)],
        })),
      ...instances
        // The same holds for them.
        .filter(({ State }) => State?.Name !== "terminated" && State?.Name !== "shutting-down")
        .map(({ InstanceId: id = "" }) => ({
          type: "AWS::EC2::Instance",
          id,
          name: `NAT instance ${id}`,
          usdMonthly: MONTH_OF.natInstance,
          commands: [aws(asked, "ec2", "terminate-instances", "--instance-ids", id)],
        })),
      ...addresses.map(({ AllocationId = "", PublicIp: id = "" }) => ({
        type: "AWS::EC2::EIP",
        id,
        name: `address ${id}`,
        usdMonthly: MONTH_OF.address,
        commands: [aws(asked, "ec2", "release-address", "--allocation-id", AllocationId)],
      })),
      ...(await Promise.all(vpcs.map(({ VpcId = "" }) => vpcFound(client, asked, VpcId)))),
    ];
  },
};

/** Lambda's network interfaces, which it deletes up to 40 minutes late, prevent the deletion of a network. */
async function vpcFound(client: EC2Client, asked: Asked, id: string): Promise<Found> {
  const Filters = [{ Name: "vpc-id", Values: [id] }];
  const interfaces = await all(
    paginateDescribeNetworkInterfaces({ client }, { Filters }),
    (page) => page.NetworkInterfaces,
  );
  return {
    type: "AWS::EC2::VPC",
    id,
    name: `network ${id}`,
    size: `${interfaces.length} interfaces`,
    usdMonthly: 0,
    commands: [aws(asked, "ec2", "delete-vpc", "--vpc-id", id)],
  };
}
