import { execFile } from "node:child_process";
import { promisify } from "node:util";
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

  it("passes the packets of every private subnet on", () => {
    expect(nat?.SourceDestCheck).toBe(false);
    const through = resourcesOf(app, "AWS::EC2::Route", Route).filter(
      ({ properties }) => properties.InstanceId === `<${NAT}>`,
    );
    expect(through.map(({ name, properties }) => [name, properties.DestinationCidrBlock])).toEqual([
      ["Network/Vpc/privateSubnet1/DefaultRoute", "0.0.0.0/0"],
      ["Network/Vpc/privateSubnet2/DefaultRoute", "0.0.0.0/0"],
    ]);
  });

  it("translates addresses at each start, however often the service begins, and tries again until it succeeds", async () => {
    const files = new Map(
      [...(nat?.UserData ?? "").matchAll(/^cat > (\S+) <<'END'\n(.*?)\nEND$/gms)].map(([, file, text]) => [
        file,
        text,
      ]),
    );
    const unit = files.get("/etc/systemd/system/nat.service") ?? "";
    expect(unit.split("\n")).toEqual(
      expect.arrayContaining([
        "ExecStart=/usr/local/sbin/nat",
        "Restart=on-failure",
        "WantedBy=multi-user.target",
      ]),
    );
    expect(nat?.UserData).toMatch(/^systemctl enable --now nat$/m);
    // The service itself, with stand-ins that write down how they are called. The second run finds the rule of the first.
    const program = `state=$(mktemp)
dnf() { echo "dnf $*"; eval 'iptables() { if [[ $3 = --check ]]; then grep -q -- "$*" "$state"; else echo "iptables $*"; echo "\${*/--append/--check}" > "$state"; fi; }'; }
sysctl() { echo "sysctl $*"; }
ip() { echo "default via 10.0.0.1 dev ens5 proto dhcp"; }
command() { declare -F "$2"; } > /dev/null
swapon() { if [ "$1" = --show ]; then cat "$state.swap" || true; else echo "swapon $1" && echo "$1" > "$state.swap"; fi; } 2> /dev/null
dd() { echo "dd $*"; }; chmod() { echo "chmod $*"; }; mkswap() { echo "mkswap $*"; }; mv() { echo "mv $*"; }
for run in 1 2; do
${files.get("/usr/local/sbin/nat")}
done`;
    const { stdout } = await promisify(execFile)("bash", ["-e", "-c", program]);
    expect(stdout.trim().split("\n")).toEqual([
      "dd if=/dev/zero of=/swapfile.new bs=1M count=512",
      "chmod 600 /swapfile.new",
      "mkswap /swapfile.new",
      "mv /swapfile.new /swapfile",
      "swapon /swapfile",
      "dnf install --assumeyes iptables-services",
      "sysctl --write net.ipv4.ip_forward=1",
      "iptables --table nat --append POSTROUTING --out-interface ens5 --jump MASQUERADE",
      "sysctl --write net.ipv4.ip_forward=1",
    ]);
  });

  it("has the newest image by a public parameter, so that a build asks the account for nothing", () => {
    expect(nat?.ImageId).toMatch(
      /^<Network\/SsmParameterValue:--aws--service--ami-amazon-linux-latest--al2023-.+-arm64:/,
    );
  });
});
