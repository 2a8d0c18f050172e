import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Outside } from "../../src/runtime/onlookers.ts";
import { Webhooks } from "../../src/runtime/webhooks.ts";
import { until } from "../support/until.ts";

test("a hook that is taken out of the file posts nothing of what it had", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "redis-sentinel-ts-"));
  const got: string[] = [];
  const server = createServer((request, response) => {
    got.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const file = join(folder, "hooks.json");
  const write = (...names: readonly string[]) => {
    const hooks = names.map((name) => {
      return { name, url: `http://127.0.0.1:${port}/${name}`, events: ["*"] };
    });
    writeFileSync(file, JSON.stringify(hooks), { mode: 0o600 });
  };
  write("gone", "stays");
  const hooks = new Webhooks(file, {
    log: { write: () => undefined },
    look: () => null,
  } as unknown as Outside);
  t.after(() => {
    hooks.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  hooks.hear("warning", "+x", "1");
  write("stays");
  hooks.reload();
  // The other one's turn would be the first.
  hooks.hear("warning", "+x", "2");
  await until(() => got.length >= 2, { what: "two events" });
  assert.deepEqual(got, ["/stays", "/stays"]);
});
