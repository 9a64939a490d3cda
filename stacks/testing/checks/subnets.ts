import * as z from "zod";
import { type App, type Resource, resourcesOf } from "../app.ts";
import { nameOf, referencesIn } from "../references.ts";

/** The types with data, and the property with their subnets. */
const DATA = [
  ["AWS::RDS::DBSubnetGroup", "SubnetIds"],
  ["AWS::RDS::DBProxy", "VpcSubnetIds"],
  ["AWS::AmazonMQ::Broker", "SubnetIds"],
  ["AWS::EFS::MountTarget", "SubnetId"],
] as const;

const Route = z.object({
  RouteTableId: z.string(),
  DestinationCidrBlock: z.string(),
  GatewayId: z.string().optional(),
});
const Association = z.object({ RouteTableId: z.string(), SubnetId: z.string() });
const Endpoint = z.object({ RouteTableIds: z.array(z.string()).default([]) });

/** Databases, proxies and the broker are in subnets whose only route is the local one. */
export function dataSubnets(app: App): string[] {
  const routed = new Set([
    ...resourcesOf(app, "AWS::EC2::Route", Route).map(({ properties }) => properties.RouteTableId),
    ...resourcesOf(app, "AWS::EC2::VPCEndpoint", Endpoint).flatMap(
      ({ properties }) => properties.RouteTableIds,
    ),
  ]);
  const isolated = new Set(
    resourcesOf(app, "AWS::EC2::SubnetRouteTableAssociation", Association)
      .filter(({ properties }) => !routed.has(properties.RouteTableId))
      .map(({ properties }) => nameOf(properties.SubnetId)),
  );
  return DATA.flatMap(([type, property]) =>
    app.resources
      .filter((resource) => resource.type === type)
      .flatMap(({ name, properties }) =>
        referencesIn(properties[property])
          .filter((subnet) => !isolated.has(subnet))
          .map((subnet) => `${name} stands in ${subnet}, from which a route leads out`),
      ),
  );
}

/** Subnets with a route to the internet gateway hold only NAT gateways, or the NAT instance. */
export function publicSubnets(app: App): string[] {
  const associations = resourcesOf(app, "AWS::EC2::SubnetRouteTableAssociation", Association);
  const open = new Set(
    resourcesOf(app, "AWS::EC2::Route", Route)
      .filter(({ properties }) => properties.GatewayId !== undefined)
      .flatMap(({ properties }) =>
        associations
          .filter((association) => association.properties.RouteTableId === properties.RouteTableId)
          .map((association) => nameOf(association.properties.SubnetId)),
      ),
  );
  const isNatInstance = ({ type, properties }: Resource) =>
    type === "AWS::EC2::Instance" && properties.SourceDestCheck === false;
  const allowed = ["AWS::EC2::NatGateway", "AWS::EC2::SubnetRouteTableAssociation"];
  return app.resources
    .filter((resource) => !allowed.includes(resource.type) && !isNatInstance(resource))
    .flatMap(({ name, properties }) =>
      referencesIn(properties)
        .filter((subnet) => open.has(subnet))
        .map((subnet) => `${name} stands in the public ${subnet}`),
    );
}
