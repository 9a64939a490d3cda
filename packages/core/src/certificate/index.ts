import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { bits, boolean, der, integer, octets, oid, sequence, text, time } from "./der.ts";

/** A certificate and its private key, both in PEM, in the form that `node:tls` accepts. */
export interface Identity {
  key: string;
  cert: string;
}

interface Wanted {
  /** A label for people; it is not compared with a host name. */
  commonName: string;
  from: Date;
  until: Date;
}

/** Encoded object identifiers of RFC 5280 and RFC 5758. */
const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const SUBJECT_KEY_IDENTIFIER = oid("551d0e");
const KEY_USAGE = oid("551d0f");
const SUBJECT_ALTERNATIVE_NAME = oid("551d11");
const BASIC_CONSTRAINTS = oid("551d13");
const NAME_CONSTRAINTS = oid("551d1e");
const AUTHORITY_KEY_IDENTIFIER = oid("551d23");
const EXTENDED_KEY_USAGE = oid("551d25");
const SERVER_AUTHENTICATION = oid("2b06010505070301");
/** The certificate version, and the length of a serial number (RFC 5280, section 4.1.2). */
const VERSION_3 = der(0xa0, integer(Buffer.from([2])));
const SERIAL_BYTES = 16;

/** Creates an authority that can only certify servers below these domains, even if its key leaks (RFC 5280, section 4.2.1.10). */
export function createAuthority({ domains, ...wanted }: Wanted & { domains: readonly string[] }): Identity {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subtrees = domains.map((domain) => sequence(dnsName(domain)));
  return signed(wanted, pair, { name: nameOf(wanted.commonName), key: pair }, [
    extension(BASIC_CONSTRAINTS, sequence(boolean(true), integer(Buffer.from([0]))), true),
    extension(KEY_USAGE, bits(Buffer.from([0b0000_0100]), 2), true), // signs certificates
    extension(NAME_CONSTRAINTS, sequence(der(0xa0, ...subtrees)), true),
  ]);
}

/**
 * Creates a server's certificate for these names, signed by the authority; without an authority it is self-signed, and
 * clients do not trust it.
 */
export function createServerIdentity({
  names,
  authority,
  ...wanted
}: Wanted & { names: readonly string[]; authority?: Identity }): Identity {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = authority ? issuerOf(authority) : { name: nameOf(wanted.commonName), key: pair };
  return signed(wanted, pair, issuer, [
    extension(KEY_USAGE, bits(Buffer.from([0b1000_0000]), 7), true), // signs handshakes
    extension(EXTENDED_KEY_USAGE, sequence(SERVER_AUTHENTICATION)),
    extension(SUBJECT_ALTERNATIVE_NAME, sequence(...names.map(dnsName))),
  ]);
}

interface Pair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}
interface Issuer {
  /** In DER. */
  name: Buffer;
  key: Pair;
}

function issuerOf({ key, cert }: Identity): Issuer {
  const { publicKey, subject } = new X509Certificate(cert);
  return { name: nameOf(subject.replace("CN=", "")), key: { publicKey, privateKey: createPrivateKey(key) } };
}

function signed(
  { from, until, commonName }: Wanted,
  own: Pair,
  issuer: Issuer,
  extensions: Buffer[],
): Identity {
  const content = sequence(
    VERSION_3,
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    issuer.name,
    sequence(time(from), time(until)),
    nameOf(commonName),
    spki(own),
    der(
      0xa3,
      sequence(
        extension(SUBJECT_KEY_IDENTIFIER, octets(identifierOf(own))),
        extension(AUTHORITY_KEY_IDENTIFIER, sequence(der(0x80, identifierOf(issuer.key)))),
        ...extensions,
      ),
    ),
  );
  const signature = sign("sha256", content, issuer.key.privateKey);
  return {
    key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: new X509Certificate(sequence(content, ECDSA_WITH_SHA256, bits(signature))).toString(),
  };
}

function extension(id: Buffer, value: Buffer, isCritical = false): Buffer {
  return sequence(id, ...(isCritical ? [boolean(true)] : []), octets(value));
}

/** Positive, and without a leading zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function spki({ publicKey }: Pair): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

function identifierOf(pair: Pair): Buffer {
  return createHash("sha256").update(spki(pair)).digest().subarray(0, 20);
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, text(commonName))));
}

function dnsName(name: string): Buffer {
  return der(0x82, Buffer.from(name));
}
