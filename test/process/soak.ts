// npm run test:soak -- --kills 50        kill -9 failovers in a row
// npm run test:soak -- --switches 1000   planned switches in a row, with writers (--methods offset,failover,fence)
// npm run test:soak -- --idle-minutes 10 three Sentinels with nothing to do
import { parseArgs } from "node:util";
import { cleanUpOnSignals, Scene } from "../support/scene.ts";
import { idle } from "./soak-idle.ts";
import { failOverAgainAndAgain } from "./soak-kills.ts";
import { switchAgainAndAgain } from "./soak-switches.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string" },
    switches: { type: "string" },
    methods: { type: "string", default: "offset,failover" },
    sentinels: { type: "string", default: "ours,ours,ours" },
    "idle-minutes": { type: "string" },
  },
});

const kills = Number(values.kills ?? 0);
const idleMinutes = Number(values["idle-minutes"] ?? 0);
const switches = Number(values.switches ?? 0);
if (kills === 0 && idleMinutes === 0 && switches === 0) {
  process.stderr.write(
    "Say what to do: --kills 50, --switches 1000, --idle-minutes 10, or all of them.\n",
  );
  process.exitCode = 1;
}
if (kills > 0) await soak((scene) => failOverAgainAndAgain(scene, kills));
if (switches > 0) {
  const methods = values.methods.split(",");
  const kinds = values.sentinels.split(",").map((kind) => (kind === "c" ? "c" : "ours"));
  await soak((scene) => switchAgainAndAgain(scene, { switches, methods, kinds }));
}
if (idleMinutes > 0) await soak((scene) => idle(scene, idleMinutes * 60_000));

/** Prints the figures as it goes; resolves when everything that it started has ended. */
async function soak(body: (scene: Scene) => Promise<boolean>): Promise<void> {
  const scene = new Scene();
  cleanUpOnSignals(scene);
  try {
    if (!(await body(scene))) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${String(error)}\n${scene.describe()}\n`);
    process.exitCode = 1;
  } finally {
    await scene.cleanUp();
  }
}
