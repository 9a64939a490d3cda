import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";

const NAT = "Network/Vpc/publicSubnet1/NatInstance";
const Instance = z.object({
  SourceDestCheck: z.boolean(),
  Monitoring: z.boolean().default(false),
  KeyName: z.string().optional(),
  ImageId: z.string(),
  InstanceType: z.string(),
  AvailabilityZone: z.string().optional(),
  MetadataOptions: z.object({ HttpTokens: z.string() }),
  BlockDeviceMappings: z.array(z.object({ Ebs: z.unknown() })),
  NetworkInterfaces: z.array(z.object({ AssociatePublicIpAddress: z.boolean(), SubnetId: z.string() })),
  PropagateTagsToVolumeOnCreation: z.boolean(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
  UserData: z.string(),
});
const Route = z.object({ DestinationCidrBlock: z.string(), InstanceId: z.string().optional() });

describe("the NAT instance of a learner's stage", () => {
  const app = readApp("learner", inject("outputs").learner);
  const [nat] = resourcesOf(app, "AWS::EC2::Instance", Instance).map(({ properties }) => properties);

  it("is the only one, small, without a key pair, and found by its tag", () => {
    expect(app.resources.filter(({ type }) => type === "AWS::EC2::Instance")).toHaveLength(1);
    expect(app.resources.filter(({ type }) => type === "AWS::EC2::NatGateway")).toEqual([]);
    expect(nat).toMatchObject({ InstanceType: "t4g.nano", Monitoring: false });
    expect(nat?.KeyName).toBeUndefined();
    expect(nat?.PropagateTagsToVolumeOnCreation).toBe(true);
    expect(nat?.Tags).toContainEqual({ Key: "cloud-design:nat", Value: "learner" });
  });

  it("is encrypted, asks for tokens of its metadata, and stands where its subnet stands", () => {
    expect(nat?.MetadataOptions.HttpTokens).toBe("required");
    expect(nat?.BlockDeviceMappings).toEqual([
      { Ebs: { VolumeType: "gp3", VolumeSize: 8, Encrypted: true } },
    ]);
    expect(nat?.AvailabilityZone).toBeUndefined();
    expect(nat?.NetworkInterfaces).toMatchObject([
      { AssociatePublicIpAddress: true, SubnetId: "<Network/Vpc/publicSubnet1/Subnet>" },
    ]);
  });

  it("passes the packets of every private subnet on, again after a stop and a start", () => {
    expect(nat?.SourceDestCheck).toBe(false);
    const through = resourcesOf(app, "AWS::EC2::Route", Route).filter(
      ({ properties }) => properties.InstanceId === `<${NAT}>`,
    );
    expect(through.map(({ name, properties }) => [name, properties.DestinationCidrBlock])).toEqual([
      ["Network/Vpc/privateSubnet1/DefaultRoute", "0.0.0.0/0"],
      ["Network/Vpc/privateSubnet2/DefaultRoute", "0.0.0.0/0"],
    ]);
    // User data runs at the first start alone. The rules are saved, and a service that starts with the machine loads them.
    const lines = nat?.UserData.split("\n").map((line) => line.replace(/^sudo /, "")) ?? [];
    expect(lines).toContain("systemctl enable iptables");
    expect(lines.at(-1)).toBe("service iptables save");
    expect(lines.find((line) => line.includes("net.ipv4.ip_forward=1"))).toMatch(
      /> \/etc\/sysctl\.d\/\S+\.conf$/,
    );
    expect(lines.find((line) => line.includes("-t nat -A POSTROUTING"))).toMatch(/-j MASQUERADE$/);
  });

  it("has the newest image by a public parameter, so that a build asks the account for nothing", () => {
    expect(nat?.ImageId).toMatch(
      /^<Network\/SsmParameterValue:--aws--service--ami-amazon-linux-latest--al2023-.+-arm64:/,
    );
  });
});
