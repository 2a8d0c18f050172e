import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { opennessWarning } from "../../src/server/openness.ts";

function warning(lines: string, nopass: boolean): string | null {
  const result = loadConfig({
    path: "/sentinel.conf",
    text: lines,
    appended: [],
    readFile: () => ({ ok: false, strerror: "No such file or directory" }),
    glob: () => [],
    isExecutable: () => true,
  });
  assert.ok(result.ok);
  const defaultUser = { enabled: true, nopass };
  return opennessWarning(result.config.server, { defaultUser } as Parameters<
    typeof opennessWarning
  >[1]);
}

test("only a Sentinel that answers other machines without a password is warned of [D-OPEN-WARNING]", () => {
  for (const [lines, nopass, isOpen] of [
    ["port 26379\n", true, true],
    ["port 26379\nbind 10.0.0.1 127.0.0.1\n", true, true],
    ["port 26379\nbind 127.0.0.1 -::1\n", true, false],
    ["port 26379\nprotected-mode yes\n", true, false],
    ["port 26379\nrequirepass x\n", false, false],
    ["port 0\ntls-port 26379\n", true, false],
  ] as const) {
    assert.equal(warning(lines, nopass) !== null, isOpen, lines);
  }
});
