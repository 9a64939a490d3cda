import {
  DescribeKeyCommand,
  type KeyMetadata,
  KMSClient,
  ListResourceTagsCommand,
  paginateListKeys,
} from "@aws-sdk/client-kms";
import { MONTH_OF } from "../prices.ts";
import { whyKept } from "../removal.ts";
import { type Asked, all, aws, type Found, hasTags, type Look, patient } from "./found.ts";

const KEY = "AWS::KMS::Key";
/** KMS's shortest waiting period, in days. */
const WAIT_DAYS = "7";

/** Keys, which KMS never deletes at once. */
export const keys: Look = {
  service: "KMS",
  namespaces: ["kms"],
  types: [KEY],
  async find(asked) {
    const client = new KMSClient(patient(asked));
    const found: Found[] = [];
    for (const { KeyId } of await all(paginateListKeys({ client }, {}), (page) => page.Keys)) {
      const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId }));
      if (key === undefined || key.KeyManager === "AWS") continue; // free, and the account's own
      if (await isStagesKey(client, asked, key)) found.push(foundOf(asked, key));
    }
    return found;
  },
};

async function isStagesKey(
  client: KMSClient,
  asked: Asked,
  { KeyId, Arn = "" }: KeyMetadata,
): Promise<boolean> {
  if (asked.tagged.has(Arn)) return true;
  const { Tags = [] } = await client.send(new ListResourceTagsCommand({ KeyId }));
  return hasTags(
    asked,
    Tags.map(({ TagKey: Key, TagValue: Value }) => ({ Key, Value })),
  );
}

function foundOf(asked: Asked, { KeyId: id = "", Description, KeyState, DeletionDate }: KeyMetadata): Found {
  const what = { type: KEY, id, name: Description ? `${id} (${Description})` : id };
  // AWS does not bill a key once its deletion is scheduled (AWS KMS Pricing).
  if (KeyState === "PendingDeletion") {
    const when = DeletionDate?.toISOString().slice(0, 10) ?? "its day";
    return {
      ...what,
      usdMonthly: 0,
      why: `KMS deletes it on ${when} and bills nothing until then`,
      commands: [],
    };
  }
  const schedule = ["schedule-key-deletion", "--key-id", id, "--pending-window-in-days", WAIT_DAYS];
  return {
    ...what,
    usdMonthly: MONTH_OF.key,
    why: whyKept(KEY, asked.settings),
    commands: [aws(asked, "kms", ...schedule)],
  };
}
