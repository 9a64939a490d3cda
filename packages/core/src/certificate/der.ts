/** One element in DER: tag, length, content (ITU-T X.690). */
export function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

export function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

export function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

/** A non-negative integer as bytes. The first byte must be below 0x80: DER reads a set high bit as a minus sign. */
export function integer(bytes: Uint8Array): Buffer {
  return der(0x02, bytes);
}

export function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

export function octets(content: Uint8Array): Buffer {
  return der(0x04, content);
}

export function bits(content: Uint8Array, unused = 0): Buffer {
  return der(0x03, Buffer.from([unused]), content);
}

export function text(content: string): Buffer {
  return der(0x0c, Buffer.from(content));
}

/** Two-digit years (UTCTime) end with 2049 (RFC 5280, section 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}
