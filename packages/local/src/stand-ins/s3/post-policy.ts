import { createHash } from "node:crypto";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { S3Refusal, verifyText } from "./signature.ts";

const Condition = z.union([
  z.tuple([z.literal("content-length-range"), z.coerce.number(), z.coerce.number()]),
  z.tuple([z.enum(["eq", "starts-with"]), z.string().startsWith("$"), z.string()]),
  z.record(z.string(), z.string()),
]);
const Policy = z.object({
  expiration: z.iso.datetime().transform(Date.parse),
  conditions: z.array(Condition),
});

/** Fields that need no condition ("POST policy", Conditions). */
const FREE = /^(?:x-amz-signature|policy|file|x-ignore-.*)$/;

export interface Upload {
  key: string;
  contentType: string;
  /** In base64; S3 keeps it with the object. */
  sha256: string | undefined;
  content: Uint8Array;
}

/**
 * Checks a form as S3 does before it stores the file: signature, expiry, each condition of the policy, no field without a condition, length and
 * checksum. Throws `S3Refusal`. Source: S3 API reference, "POST Object" and "Creating an HTML Form (Using AWS Signature Version 4)".
 */
// biome-ignore lint/plugin: a signature ends by wall time.
export async function checkedUpload(bucket: string, form: FormData, now = Date.now()): Promise<Upload> {
  const fields = new Map<string, string>([["bucket", bucket]]);
  for (const [name, value] of form) if (typeof value === "string") fields.set(name.toLowerCase(), value);
  const of = (name: string) => fields.get(name) ?? "";
  const file = form.get("file");
  const content = new Uint8Array(file instanceof Blob ? await file.arrayBuffer() : Buffer.from(file ?? ""));

  verifyText(of("x-amz-credential"), of("policy"), of("x-amz-signature"));
  const { data: policy } = Policy.safeParse(parseJson(Buffer.from(of("policy"), "base64").toString()));
  if (policy === undefined)
    throw new S3Refusal(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.");
  if (now > policy.expiration) throw refused("Policy expired.");
  const covered = new Set(policy.conditions.flatMap((condition) => verifyCondition(condition, of, content)));
  const extra = [...fields.keys()].filter((name) => !covered.has(name) && !FREE.test(name));
  if (extra.length > 0) throw refused(`Extra input fields: ${extra.join(", ")}`);

  const sha256 = fields.get("x-amz-checksum-sha256");
  if (sha256 !== undefined && sha256 !== createHash("sha256").update(content).digest("base64")) {
    throw new S3Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
  }
  return { key: of("key"), contentType: of("content-type"), sha256, content };
}

/** The fields that the condition is about. */
function verifyCondition(
  condition: z.output<typeof Condition>,
  of: (field: string) => string,
  content: Uint8Array,
): string[] {
  if (!Array.isArray(condition))
    return Object.entries(condition).flatMap(([name, value]) =>
      verifyCondition(["eq", `$${name}`, value], of, content),
    );
  if (condition[0] === "content-length-range") {
    const [, min, max] = condition;
    if (content.length < min)
      throw new S3Refusal(
        400,
        "EntityTooSmall",
        "Your proposed upload is smaller than the minimum allowed size",
      );
    if (content.length > max)
      throw new S3Refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    return [];
  }
  const [operator, name, value] = condition;
  const field = name.slice(1).toLowerCase();
  const isMet = operator === "eq" ? of(field) === value : of(field).startsWith(value);
  if (!isMet) throw refused(`Policy Condition failed: ${JSON.stringify(condition)}`);
  return [field];
}

function refused(reason: string): S3Refusal {
  return new S3Refusal(403, "AccessDenied", `Invalid according to Policy: ${reason}`);
}
