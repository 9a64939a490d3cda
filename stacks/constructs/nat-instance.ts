import { createHash } from "node:crypto";
import { NAT_TAG } from "@cloud-design/stage/names";
import { Tags } from "aws-cdk-lib";
import {
  type CfnInstance,
  CpuCredits,
  InstanceClass,
  InstanceSize,
  InstanceType,
  MachineImage,
  type NatInstanceProviderV2,
  NatProvider,
  NatTrafficDirection,
  Peer,
  Port,
  UserData,
} from "aws-cdk-lib/aws-ec2";
import type { Stack } from "sst/constructs";

/**
 * The service that translates addresses, and the user data that installs it at the first start. It runs at each start and until it succeeds, since
 * the first one downloads iptables (Amazon VPC guide, "Work with NAT instances"). CDK's own user data runs once, and needs `route` and `service`,
 * which not every image of Amazon Linux 2023 has. The swap file is for dnf, which 512 MB do not always suffice for.
 */
const USER_DATA = `cat > /usr/local/sbin/nat <<'END'
#!/bin/bash -e
if ! swapon --show | grep --quiet /swapfile; then
  if [ ! -e /swapfile ]; then
    dd if=/dev/zero of=/swapfile.new bs=1M count=512
    chmod 600 /swapfile.new
    mkswap /swapfile.new
    mv /swapfile.new /swapfile
  fi
  swapon /swapfile
fi
command -v iptables || dnf install --assumeyes iptables-services
sysctl --write net.ipv4.ip_forward=1
out=$(ip route show default | awk '{ print $5; exit }')
rule="POSTROUTING --out-interface $out --jump MASQUERADE"
iptables --table nat --check $rule || iptables --table nat --append $rule
END
cat > /etc/systemd/system/nat.service <<'END'
[Unit]
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/nat
Restart=on-failure
RestartSec=10
[Install]
WantedBy=multi-user.target
END
chmod +x /usr/local/sbin/nat
systemctl enable --now nat`;

/**
 * A NAT instance in place of the gateways. The routes name the instance, which keeps its network interface; so it serves again a minute after a
 * stop and a start, under another public address. After Amazon has released a new image, the next deployment replaces it by one of that image,
 * which cuts the private subnets off for a minute or two.
 */
export function createNatInstance(): NatInstanceProviderV2 {
  return NatProvider.instanceV2({
    // The smallest: it passes 32 Mb/s for long, and 5 Gb/s for minutes (Amazon EC2 guide, "Specifications for Amazon EC2 general purpose instances").
    instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.NANO),
    // A public parameter, which CloudFormation reads: no look-up in the account.
    machineImage: MachineImage.fromSsmParameter(
      "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    ),
    userData: UserData.custom(`#!/bin/bash\n${USER_DATA}`),
    associatePublicIpAddress: true,
    // In standard mode a T4g starts without credits, and would need minutes to boot. Here it borrows from the day's own credits; only a load above
    // a tenth of its two processors for a whole day is billed.
    creditSpecification: CpuCredits.UNLIMITED,
    defaultAllowedTraffic: NatTrafficDirection.NONE,
  });
}

/** Sets the properties for which CDK's provider has no option, once the network with these addresses exists. */
export function secureNatInstance(
  stack: Stack,
  { connections, gatewayInstances }: NatInstanceProviderV2,
  addresses: string,
): void {
  connections.allowFrom(Peer.ipv4(addresses), Port.tcp(443), "From the network");
  // Also for its own packages, which it installs once.
  connections.allowTo(Peer.anyIpv4(), Port.tcp(443), "Endpoints of AWS");
  for (const instance of gatewayInstances) {
    Tags.of(instance).add(NAT_TAG, stack.stage);
    const resource = instance.node.defaultChild as CfnInstance;
    // The text is run once in an instance, so another one needs another instance.
    resource.overrideLogicalId(
      `NatInstance${createHash("sha256").update(USER_DATA).digest("hex").slice(0, 8)}`,
    );
    // Its subnet places it, by a zone id (network.ts).
    resource.availabilityZone = undefined;
    resource.propagateTagsToVolumeOnCreation = true; // the budget counts by tag
    resource.metadataOptions = { httpTokens: "required", httpPutResponseHopLimit: 1 };
    resource.blockDeviceMappings = [
      // In GB: the size of the image.
      { deviceName: "/dev/xvda", ebs: { volumeType: "gp3", volumeSize: 8, encrypted: true } },
    ];
  }
}
