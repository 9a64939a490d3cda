import {
  type DBInstance,
  type DBInstanceAutomatedBackup,
  type DBProxy,
  type DBSnapshot,
  paginateDescribeDBInstanceAutomatedBackups,
  paginateDescribeDBInstances,
  paginateDescribeDBProxies,
  paginateDescribeDBSnapshots,
  RDSClient,
} from "@aws-sdk/client-rds";
import { MONTH_OF } from "../prices.ts";
import { copyRegionOf } from "../regions.ts";
import { whyKept } from "../removal.ts";
import { type Asked, all, aws, type Found, hasTags, isNamed, isOurs, type Look, patient } from "./found.ts";

const DATABASE = "AWS::RDS::DBInstance";
const GB = 1024 ** 3;

/** Servers and proxies, and the snapshots that outlive a server. */
export const databases: Look = {
  service: "RDS",
  namespaces: ["rds"],
  types: [DATABASE, "AWS::RDS::DBProxy"],
  async find(asked) {
    const client = new RDSClient(patient(asked));
    const [instances, proxies, snapshots] = await Promise.all([
      all(paginateDescribeDBInstances({ client }, {}), (page) => page.DBInstances),
      all(paginateDescribeDBProxies({ client }, {}), (page) => page.DBProxies),
      all(paginateDescribeDBSnapshots({ client }, { SnapshotType: "manual" }), (page) => page.DBSnapshots),
    ]);
    const isOfStage = ({ DBInstanceIdentifier, TagList }: DBInstance | DBSnapshot) =>
      isNamed(asked, DBInstanceIdentifier) || hasTags(asked, TagList);
    return [
      ...instances.filter(isOfStage).map((instance) => instanceFound(asked, instance)),
      ...proxies
        .filter(({ DBProxyName, DBProxyArn }) => isOurs(asked, DBProxyName, DBProxyArn))
        .map((proxy) => proxyFound(asked, proxy)),
      ...snapshots.filter(isOfStage).map((snapshot) => snapshotFound(asked, snapshot)),
    ];
  },
};

/** The automatic backups that RDS retains for a deleted server; the backups of an existing server are deleted with it. */
export const backups: Look = {
  service: "RDS backups",
  namespaces: [],
  types: [],
  async find(asked) {
    const pages = paginateDescribeDBInstanceAutomatedBackups({ client: new RDSClient(patient(asked)) }, {});
    return (await all(pages, (page) => page.DBInstanceAutomatedBackups))
      .filter(
        ({ DBInstanceIdentifier, Status }) => isNamed(asked, DBInstanceIdentifier) && Status === "retained",
      )
      .map((backup) => backupFound(asked, backup));
  },
};

/** The copies of backups in another region. A copy of a server that exists is replicating; without it, RDS keeps the last days. */
export const copies: Look = {
  service: "RDS copies",
  namespaces: [],
  types: [],
  async find(asked) {
    if (asked.settings.copyDays === 0) return [];
    const there = { ...asked, region: copyRegionOf(asked.region) };
    const pages = paginateDescribeDBInstanceAutomatedBackups({ client: new RDSClient(patient(there)) }, {});
    return (await all(pages, (page) => page.DBInstanceAutomatedBackups))
      .filter(({ DBInstanceIdentifier }) => isNamed(asked, DBInstanceIdentifier))
      .filter(({ Region, Status }) => Region === asked.region && Status !== "replicating")
      .map((backup) => copyFound(there, backup));
  },
};

function instanceFound(asked: Asked, { DBInstanceIdentifier: id = "", ...instance }: DBInstance): Found {
  const each = MONTH_OF.database(instance.DBInstanceClass ?? "");
  const gb = instance.AllocatedStorage;
  const twice = instance.MultiAZ ? 2 : 1;
  const off = ["--skip-final-snapshot", "--delete-automated-backups"];
  return {
    type: DATABASE,
    id,
    name: `server ${id}`,
    size: `${instance.DBInstanceClass}, ${gb} GB`,
    usdMonthly:
      each === undefined || gb === undefined ? undefined : twice * (each + gb * MONTH_OF.databaseGb),
    commands: [aws(asked, "rds", "delete-db-instance", "--db-instance-identifier", id, ...off)],
  };
}

function proxyFound(asked: Asked, { DBProxyName: id = "" }: DBProxy): Found {
  return {
    type: "AWS::RDS::DBProxy",
    id,
    name: `proxy ${id}`,
    usdMonthly: MONTH_OF.proxy,
    commands: [aws(asked, "rds", "delete-db-proxy", "--db-proxy-name", id)],
  };
}

/** RDS reports the size of the disk, and bills the data written to it. */
function snapshotFound(
  asked: Asked,
  { DBSnapshotIdentifier: id = "", AllocatedStorage: gb }: DBSnapshot,
): Found {
  return {
    type: DATABASE,
    id,
    name: `snapshot ${id}`,
    size: gb === undefined ? undefined : `${gb} GB`,
    usdMonthly: gb === undefined ? undefined : MONTH_OF.stored("snapshot", gb * GB),
    isAtMost: true,
    why: whyKept(DATABASE, asked.settings),
    commands: [aws(asked, "rds", "delete-db-snapshot", "--db-snapshot-identifier", id)],
  };
}

/** A copy for each day, and the log of all changes between them: RDS does not report their size. */
function backupFound(asked: Asked, backup: DBInstanceAutomatedBackup): Found {
  const { DbiResourceId: id = "", DBInstanceIdentifier: server = "", BackupRetentionPeriod: days } = backup;
  const why = whyKept(DATABASE, asked.settings);
  return {
    type: DATABASE,
    id,
    name: `automatic backups of ${server}`,
    usdMonthly: undefined,
    why: why && `a restore to any second needs them; RDS deletes the last ${days} days after the removal`,
    commands: [aws(asked, "rds", "delete-db-instance-automated-backup", "--dbi-resource-id", id)],
  };
}

function copyFound(there: Asked, backup: DBInstanceAutomatedBackup): Found {
  const { DBInstanceAutomatedBackupsArn: id = "", DBInstanceIdentifier: server = "" } = backup;
  return {
    type: DATABASE,
    id,
    name: `copies of the backups of ${server} in ${there.region}`,
    usdMonthly: undefined,
    why: `a lost region would take its own backups along; RDS deletes the last ${there.settings.copyDays} days after the removal`,
    commands: [
      aws(there, "rds", "delete-db-instance-automated-backup", "--db-instance-automated-backups-arn", id),
    ],
  };
}
