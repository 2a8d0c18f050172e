// npm run test:page -- [--only WORDS] [--looks FOLDER] [--screenshots FOLDER]
// The page of real daemons in Debian's chromium: what it shows, and pictures to look at.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cleanUpOnSignals } from "../../support/scene.ts";
import { Chrome } from "./chrome.ts";
import { threeHundredMasters, twelveMasters } from "./many.ts";
import { oneMaster } from "./one.ts";
import { screenshots } from "./screenshots.ts";
import { Stage } from "./stage.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = {
    only: { type: "string", default: "" },
    looks: { type: "string" },
    screenshots: { type: "string" },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const looks = resolve(values.looks ?? mkdtempSync(join(tmpdir(), "redis-sentinel-ts-page-")));
  const folder = values.screenshots === undefined ? null : resolve(values.screenshots);
  const plays: readonly Play[] =
    folder === null
      ? PLAYS
      : [{ name: "screenshots", play: (stage) => screenshots(stage, folder) }];
  const wanted = plays.filter(({ name }) => name.includes(values.only));
  if (wanted.length === 0) {
    process.stderr.write(`test:page: nothing is called ${values.only}\n`);
    return 1;
  }
  const chrome = await Chrome.start();
  try {
    let failed = 0;
    for (const play of wanted) failed += (await perform(play, chrome, looks)) ? 0 : 1;
    process.stdout.write(`Pictures are in ${looks}\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await chrome.stop();
  }
}

const PLAYS: readonly Play[] = [
  { name: "one master", play: oneMaster },
  { name: "12 masters", play: twelveMasters },
  { name: "300 masters", play: threeHundredMasters },
];

interface Play {
  readonly name: string;
  play(stage: Stage): Promise<void>;
}

async function perform({ name, play }: Play, chrome: Chrome, looks: string): Promise<boolean> {
  const stage = new Stage(chrome, looks);
  cleanUpOnSignals(stage.scene);
  const from = performance.now();
  try {
    await play(stage);
    stage.judge();
    const seconds = ((performance.now() - from) / 1_000).toFixed(1);
    process.stdout.write(`ok      ${name} (${seconds} s)\n`);
    return true;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`failed  ${name}\n${text}\n${stage.scene.describe()}\n`);
    return false;
  } finally {
    await stage.end();
  }
}

process.exitCode = await main(process.argv.slice(2));
