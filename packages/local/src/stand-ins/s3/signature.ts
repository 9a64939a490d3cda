import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** The one pair of keys that the laptop's parts have. */
const ACCESS_KEY = "local";
const SECRET_KEY = "local";

/** The error of S3 with which a request is refused (S3 API reference, "Error responses"). */
export class S3Refusal extends Error {
  override name = "S3Refusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  toXml(): string {
    const message = this.message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${this.code}</Code><Message>${message}</Message></Error>`;
  }
}

export interface SignedRequest {
  method: string;
  /** Path and query, as they were sent. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Checks the signature of a request to S3, in its header or in its query ("presigned"), and that a presigned one has not expired. Throws `S3Refusal`.
 * Source: S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
 */
// biome-ignore lint/plugin: a signature ends by wall time.
export function verifyRequest(request: SignedRequest, now = Date.now()): void {
  const { searchParams } = new URL(request.url, "http://s3");
  if (searchParams.has("X-Amz-Signature")) verifyPresigned(request, searchParams, now);
  else verifyHeader(request);
}

/** Checks that a text was signed with the laptop's keys; `credential` is `key/date/region/service/aws4_request`. */
export function verifyText(credential: string, text: string, signature: string): void {
  const [accessKey, date = "", region = "", service = ""] = credential.split("/");
  if (accessKey !== ACCESS_KEY) {
    throw new S3Refusal(403, "InvalidAccessKeyId", "The AWS access key Id you provided does not exist.");
  }
  const key = [date, region, service, "aws4_request"].reduce<Buffer | string>(hmac, `AWS4${SECRET_KEY}`);
  const expected = hmac(key, text);
  const given = Buffer.from(signature, "hex");
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new S3Refusal(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided.",
  );
}

function verifyPresigned(request: SignedRequest, query: URLSearchParams, now: number): void {
  const of = (name: string) => query.get(`X-Amz-${name}`) ?? "";
  const signedAt = instantOf(of("Date"));
  verifyText(
    of("Credential"),
    textToSign(request, of("Credential"), of("Date"), of("SignedHeaders"), "UNSIGNED-PAYLOAD"),
    of("Signature"),
  );
  if (now > signedAt + Number(of("Expires")) * 1_000)
    throw new S3Refusal(403, "AccessDenied", "Request has expired");
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<credential>[^,]+), ?SignedHeaders=(?<signed>[^,]+), ?Signature=(?<signature>\w+)$/;

function verifyHeader(request: SignedRequest): void {
  const { authorization, "x-amz-date": date, "x-amz-content-sha256": payload } = request.headers;
  const { credential, signed, signature } = AUTHORIZATION.exec(String(authorization))?.groups ?? {};
  if (credential === undefined || signed === undefined || signature === undefined)
    throw new S3Refusal(403, "AccessDenied", "Access Denied");
  verifyText(credential, textToSign(request, credential, String(date), signed, String(payload)), signature);
}

function textToSign(
  { method, url, headers }: SignedRequest,
  credential: string,
  date: string,
  signedHeaders: string,
  payloadHash: string,
): string {
  const [path = "", query = ""] = url.split("?");
  const pairs = [...new URLSearchParams(query)]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const lines = signedHeaders.split(";").map((name) => `${name}:${String(headers[name] ?? "").trim()}`);
  const canonical = [method, path, pairs.join("&"), ...lines, "", signedHeaders, payloadHash].join("\n");
  const scope = credential.split("/").slice(1).join("/");
  return ["AWS4-HMAC-SHA256", date, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
}

/** `20261130T160000Z` in milliseconds since 1970. */
function instantOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
