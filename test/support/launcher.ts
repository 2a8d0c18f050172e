import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Found from dist/test/support, or from another folder of compiled tests one deeper.
const [root] = import.meta.url.split("/dist/");
const ofBuild = fileURLToPath(`${root}/bin/redis-sentinel-ts.js`);

/** What SENTINEL_UNDER_TEST names in place of our build: a launcher of ours elsewhere, or any program. */
const standIn = process.env.SENTINEL_UNDER_TEST;
const isLauncher = standIn?.endsWith(".js") ?? false;

/** The file that Node runs; its folder has the names of the C programs, too. */
export const LAUNCHER = isLauncher ? realpathSync(standIn ?? "") : ofBuild;

/** The command line of ours without its arguments. */
export const OURS: readonly string[] =
  standIn === undefined || isLauncher ? [process.execPath, LAUNCHER] : [standIn];
