import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { parseIp } from "../../src/core/ip.ts";

const isIpLiteral = (host: string) => parseIp(host) !== null;

const ADDRESSES = [
  ...["127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "fe80::1%eth0"],
  ...["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::ffff:1.2.3.4", "ABCD::ef01"],
  "1:2:3:4:5:6:1.2.3.4",
];
const OTHERS = [
  ...["", "localhost", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1..2.3", "[::1]", ":::1", "1::2::3"],
  ...["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "g::1", "::1%"],
  ...["1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", ":", "1:", "::1 ", "1::%a%b"],
];

test("addresses are told from names", () => {
  for (const host of ADDRESSES) assert.ok(isIpLiteral(host), host);
  for (const host of OTHERS) assert.ok(!isIpLiteral(host), host);
});

test("we agree with Node on every address", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/)), (host) => {
      assert.equal(isIpLiteral(host), isIP(host) !== 0, host);
    }),
  );
});
