import { SERVER_LOG } from "@cloud-design/core/server-log";
import { nameOf } from "@cloud-design/stage/names";
import type { StageSettings } from "@cloud-design/stage/settings";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { InstanceType, type SecurityGroup, SubnetType, type Vpc } from "aws-cdk-lib/aws-ec2";
import type { Key } from "aws-cdk-lib/aws-kms";
import {
  CaCertificate,
  ClientPasswordAuthType,
  Credentials,
  DatabaseInsightsMode,
  DatabaseInstance,
  DatabaseInstanceEngine,
  DatabaseProxy,
  ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  ProxyTarget,
  StorageType,
} from "aws-cdk-lib/aws-rds";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Stack } from "sst/constructs";
import type { Group } from "../network.ts";
import { credentialsOf } from "./credentials.ts";
import { fixedGroup } from "./fixed-group.ts";
import { logGroup } from "./log-group.ts";

export type Noun = "inventory" | "billing";

interface Shape {
  vpc: Vpc;
  groups: Record<Group, SecurityGroup>;
  /** The stage's own; otherwise RDS encrypts under the key that AWS manages for it. */
  key: Key | undefined;
  credentials: Record<Noun, Secret>;
  settings: StageSettings;
}

export interface DatabaseServer {
  instance: DatabaseInstance;
  proxy: DatabaseProxy | undefined;
}

/** A PostgreSQL instance for the databases of the given services, and the RDS Proxy in front of it, where the stage has one. */
export function createDatabaseServer(stack: Stack, nouns: readonly Noun[], shape: Shape): DatabaseServer {
  const instance = createInstance(stack, nouns, shape);
  return {
    instance,
    proxy: shape.settings.hasProxy ? createProxy(stack, nouns, instance, shape) : undefined,
  };
}

/** The host name to which a service connects. */
export function hostOf({ instance, proxy }: DatabaseServer): string {
  return proxy?.endpoint ?? instance.dbInstanceEndpointAddress;
}

/** The address of the server itself, for its administrator. */
export function adminUrlOf({ instance }: DatabaseServer): string {
  return `postgres://${instance.dbInstanceEndpointAddress}:5432/postgres?sslmode=verify-full`;
}

export function adminSecretOf({ instance }: DatabaseServer) {
  if (!instance.secret) throw new Error("The instance has no generated administrator.");
  return instance.secret;
}

function createInstance(stack: Stack, nouns: readonly Noun[], { vpc, groups, key, settings }: Shape) {
  const id = nouns.join("-");
  // The major version only: RDS picks its newest minor version, and after about a year it refuses to create an older one.
  const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 });
  const instanceIdentifier = nameOf(stack, id);
  const exports = ["postgresql", "upgrade"];
  const logs = exports.map((name) =>
    logGroup(stack, `${id}-${name}-logs`, settings, `/aws/rds/instance/${instanceIdentifier}/${name}`),
  );
  const instance = new DatabaseInstance(stack, `${id}-instance`, {
    engine,
    instanceIdentifier,
    instanceType: new InstanceType(settings.databaseInstance),
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: nouns.map((noun) => fixedGroup(stack, `${noun}DatabaseGroup`, groups[`${noun}Database`])),
    multiAz: settings.isDatabaseMultiAz,
    // Only the migrations and `personal-data` use it; no service knows it.
    credentials: Credentials.fromSecret(credentialsOf(stack, `${id}-administrator`, "administrator")),
    storageType: StorageType.GP3,
    // GB, the minimum of gp3. When 10 % is free RDS adds 10 GB or more, at most every six hours: room for 1,400 orders a second. From 400 GB on gp3
    // has 12,000 I/O operations a second instead of 3,000, but these classes have 500 and 1,000 (Amazon EC2 guide, "EBS-optimized instances").
    allocatedStorage: 20,
    maxAllocatedStorage: settings.databaseStorageGbMax,
    storageEncrypted: true,
    storageEncryptionKey: key,
    caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
    parameterGroup: new ParameterGroup(stack, `${id}-parameters`, {
      engine,
      description: "TLS only, slow statements in the log without their values",
      parameters: {
        "rds.force_ssl": "1",
        max_connections: String(settings.databaseConnectionsMax),
        // In ms: a slower statement is worth a look; the deadline is 5 s.
        log_min_duration_statement: "1000",
        log_connections: "1",
        log_disconnections: "1",
        ...SERVER_LOG,
      },
    }),
    enablePerformanceInsights: true,
    performanceInsightEncryptionKey: key,
    performanceInsightRetention: PerformanceInsightRetention.DEFAULT, // 7 days, free of charge
    databaseInsightsMode: DatabaseInsightsMode.STANDARD,
    cloudwatchLogsExports: exports,
    backupRetention: Duration.days(settings.backupDays),
    copyTagsToSnapshot: true,
    deleteAutomatedBackups: !settings.keepsData,
    deletionProtection: settings.keepsData,
    removalPolicy: settings.keepsData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
    autoMinorVersionUpgrade: true,
    // Tuesday morning, when people are at work. The broker's window is a day later, so that both are never away at once.
    preferredMaintenanceWindow: "Tue:09:00-Tue:10:00",
    preferredBackupWindow: "03:00-04:00",
  });
  instance.node.addDependency(...logs);
  return instance;
}

function createProxy(stack: Stack, nouns: readonly Noun[], instance: DatabaseInstance, shape: Shape) {
  const { vpc, groups, credentials, settings } = shape;
  const id = nouns.join("-");
  const dbProxyName = nameOf(stack, id);
  const logs = logGroup(stack, `${id}-proxy-logs`, settings, `/aws/rds/proxy/${dbProxyName}`);
  const proxy = new DatabaseProxy(stack, `${id}-proxy`, {
    dbProxyName,
    proxyTarget: ProxyTarget.fromInstance(instance),
    secrets: nouns.map((noun) => credentials[noun]),
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: nouns.map((noun) => fixedGroup(stack, `${noun}ProxyGroup`, groups[`${noun}Proxy`])),
    requireTLS: true,
    clientPasswordAuthType: ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
    // Shorter than the 6 s after which a service gives a statement up.
    borrowTimeout: Duration.seconds(5),
    // In %. The rest is for the migrations and for operators.
    maxConnectionsPercent: 90,
  });
  // One after the other: the first of the two in an account makes the service-linked role by which RDS acts.
  proxy.node.addDependency(logs, instance);
  return proxy;
}
