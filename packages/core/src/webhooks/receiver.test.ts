import { expect, test } from "vitest";
import { isPublic, refusalOf } from "./receiver.ts";

test.each([
  ...["0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1"],
  ...[
    "172.31.255.255",
    "192.0.0.170",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
  ],
  ...[
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
  ],
  ...["2001::1", "2001:db8::1", "2002:a00:1::", "ff02::1", "", "shop.example"],
])("%s is not a public address", (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.1.0.1", "2606:4700:4700::1111", "2a00:1450::1"])(
  "%s is a public address",
  (address) => {
    expect(isPublic(address)).toBe(true);
  },
);

test.each([
  ["http://shop.example/", "must begin with https://"],
  ["http://127.0.0.1/", "must begin with https://"],
  ["https://127.0.0.1/", "must have a public address"],
  ["https://0x7f.1/", "must have a public address"],
  ["https://2130706433/", "must have a public address"],
  ["https://[::1]:8443/", "must be a name, or an IPv4 address"],
  ["https://[::ffff:10.0.0.1]/", "must be a name, or an IPv4 address"],
  ["https://[2606:4700:4700::1111]/", "must be a name, or an IPv4 address"],
  ["https://169.254.169.254/latest/meta-data", "must have a public address"],
  ["https://ann:secret@shop.example/", "must have no user name, password or fragment"],
  ["https://shop.example/#top", "must have no user name, password or fragment"],
  ["ftp://shop.example/", "must begin with https://"],
])("%s is refused: it %s", (address, reason) => {
  expect(refusalOf(address, { isLoopbackAllowed: false })).toBe(reason);
});

test.each(["https://shop.example/", "https://shop.example:8443/a?b=c", "https://8.8.8.8/"])(
  "%s is a good address",
  (address) => {
    expect(refusalOf(address, { isLoopbackAllowed: false })).toBeUndefined();
  },
);

test("only where loopback is allowed may a receiver be on the own machine, and only by http", () => {
  const allowed = { isLoopbackAllowed: true };
  for (const host of ["localhost:4000", "127.0.0.1:4000", "[::1]:4000"])
    expect(refusalOf(`http://${host}/`, allowed)).toBeUndefined();
  expect(refusalOf("https://127.0.0.1/", allowed)).toBe("must have a public address");
  for (const host of ["10.0.0.1", "shop.example", "localhost.shop.example", "169.254.169.254"])
    expect(refusalOf(`http://${host}/`, allowed)).toBe("must begin with https://");
});
