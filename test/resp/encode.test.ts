import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  bulk,
  bulkBytes,
  bulkMap,
  error,
  integer,
  NIL,
  NIL_ARRAY,
  OK,
  type Reply,
} from "../../src/base/reply.ts";
import { encode } from "../../src/resp/encode.ts";

const CASES: readonly (readonly [string, Reply, string, string])[] = [
  ["status", OK, "+OK\r\n", "+OK\r\n"],
  ["error", error("ERR no"), "-ERR no\r\n", "-ERR no\r\n"],
  ["error of several lines", error("ERR a\r\nb"), "-ERR a  b\r\n", "-ERR a  b\r\n"],
  ["integer", integer(-5), ":-5\r\n", ":-5\r\n"],
  [
    "integer of 64 bits",
    integer(9223372036854775807n),
    ":9223372036854775807\r\n",
    ":9223372036854775807\r\n",
  ],
  ["bulk", bulk("\xff\r\n"), "$3\r\n\xff\r\n\r\n", "$3\r\n\xff\r\n\r\n"],
  ["nil", NIL, "$-1\r\n", "_\r\n"],
  ["nil array", NIL_ARRAY, "*-1\r\n", "_\r\n"],
  ["array", array([NIL, array([])]), "*2\r\n$-1\r\n*0\r\n", "*2\r\n_\r\n*0\r\n"],
  ["set", { type: "set", items: [bulk("a")] }, "*1\r\n$1\r\na\r\n", "~1\r\n$1\r\na\r\n"],
  ["map", bulkMap([["a", "b"]]), "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "%1\r\n$1\r\na\r\n$1\r\nb\r\n"],
  [
    "packed map",
    { type: "packedMap", pairs: 1, bulks: bulkBytes("a") + bulkBytes("b") },
    "*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    "%1\r\n$1\r\na\r\n$1\r\nb\r\n",
  ],
  ["push", { type: "push", items: [bulk("a")] }, "*1\r\n$1\r\na\r\n", ">1\r\n$1\r\na\r\n"],
  ["double", { type: "double", text: "0.25" }, "$4\r\n0.25\r\n", ",0.25\r\n"],
  ["verbatim", { type: "verbatim", format: "txt", text: "ab" }, "$2\r\nab\r\n", "=6\r\ntxt:ab\r\n"],
];

for (const [name, reply, resp2, resp3] of CASES) {
  test(`${name} in both protocols`, () => {
    assert.equal(encode(reply, 2), resp2);
    assert.equal(encode(reply, 3), resp3);
  });
}
