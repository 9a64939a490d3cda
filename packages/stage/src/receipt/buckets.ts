import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  paginateListBuckets,
  S3Client,
} from "@aws-sdk/client-s3";
import type { AwsAccess } from "../aws-access.ts";
import { MONTH_OF } from "../prices.ts";
import { whyKept } from "../removal.ts";
import { type Asked, all, aws, bytesText, type Found, isOurs, type Look, patient } from "./found.ts";

/** Pages of 1,000 objects, one request each: the access logs of a quarter have some 80. */
const PAGES_MAX = 200;

export const buckets: Look = {
  service: "S3",
  namespaces: ["s3"],
  types: ["AWS::S3::Bucket"],
  async find(asked) {
    const client = new S3Client(patient(asked));
    // Page by page: S3 reports the region of each bucket only in a paginated list.
    const found = await all(paginateListBuckets({ client, pageSize: 1_000 }, {}), (page) => page.Buckets);
    const ours = found.filter(
      ({ Name, BucketRegion = asked.region }) =>
        BucketRegion === asked.region && isOurs(asked, Name, `arn:aws:s3:::${Name}`),
    );
    return Promise.all(ours.map(({ Name = "" }) => foundOf(asked, Name)));
  },
};

async function foundOf(asked: Asked, name: string): Promise<Found> {
  const size = await sizeOf(asked, name);
  return {
    type: "AWS::S3::Bucket",
    id: name,
    name,
    size: size === undefined ? `over ${PAGES_MAX * 1_000} objects` : bytesText(size),
    usdMonthly: size === undefined ? undefined : MONTH_OF.stored("object", size),
    why: whyKept("AWS::S3::Bucket", asked.settings),
    commands: [aws(asked, "s3", "rb", `s3://${name}`, "--force")],
  };
}

/** In bytes, including the older versions that a bucket may keep; undefined with more objects than the limit above. */
export async function sizeOf(access: AwsAccess, Bucket: string): Promise<number | undefined> {
  const client = new S3Client(patient(access));
  let bytes = 0;
  let next: Pick<ListObjectVersionsCommandInput, "KeyMarker" | "VersionIdMarker"> = {};
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await client.send(new ListObjectVersionsCommand({ Bucket, ...next }));
    bytes += (answer.Versions ?? []).reduce((sum, { Size = 0 }) => sum + Size, 0);
    if (!answer.IsTruncated) return bytes;
    next = { KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker };
  }
  return undefined;
}
