import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parseScenario, writeScenario } from "./script.ts";
import { perform } from "./stage.ts";

const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";
const folder = join(root, "test", "scenario");
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
/** `UPDATE=1 npm test -- scenario/` writes what happens now; the diff is to be read. */
const isUpdate = process.env.UPDATE === "1";

describe("scenarios as an operator sees them", () => {
  for (const file of files) {
    it(file.replace(/\.txt$/, "").replaceAll("-", " "), () => {
      const path = join(folder, file);
      const scenario = parseScenario(readFileSync(path, "utf8"));
      const happened = perform(scenario.commands);
      if (isUpdate) writeFileSync(path, writeScenario(scenario, happened));
      else assert.equal(happened, scenario.happened);
    });
  }
});

describe("a script", () => {
  const cluster = parseScenario("cluster: 1 sentinel, 0 replicas, quorum 1").commands;

  it("that says what no script says is refused", () => {
    const { commands } = parseScenario("make redis-1 happy");
    assert.throws(() => perform([...cluster, ...commands]), /no script says "make redis-1 happy"/);
  });

  it("that waits for what does not come is told with all that happened", () => {
    const { commands } = parseScenario("kill redis-1\nwait for +switch-master");
    assert.throws(
      () => perform([...cluster, ...commands]),
      /nobody says \+switch-master\n.* kill redis-1\n(.*\n)*.* \+sdown master mymaster redis-1/,
    );
  });

  it("gives the same text twice", () => {
    const { commands } = parseScenario("kill redis-1\nwait for +odown");
    assert.equal(perform([...cluster, ...commands]), perform([...cluster, ...commands]));
  });
});
