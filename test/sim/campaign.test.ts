import assert from "node:assert/strict";
import { test } from "node:test";
import { type CampaignReport, runCampaign } from "./campaign.ts";

const SEEDS = {
  from: 11,
  count: 10,
  isMixed: false,
  theme: null,
  seconds: 1_000,
  keepGoing: false,
};

for (const jobs of [1, 2]) {
  test(`a campaign of ${jobs} at a time says how far it is`, async () => {
    const told: { lives: number; elapsedMs: number }[] = [];
    const onProgress = ({ lives }: CampaignReport, elapsedMs: number) => {
      told.push({ lives, elapsedMs });
    };
    const onFailed = () => undefined;
    const { lives } = await runCampaign({ ...SEEDS, jobs, onFailed, progressMs: 0, onProgress });
    assert.equal(lives, SEEDS.count);
    assert.ok(told.length > 1, "it says so after each chunk, where no time must pass between");
    assert.equal(told.at(-1)?.lives, SEEDS.count);
    for (const [index, { lives: sofar, elapsedMs }] of told.entries()) {
      assert.ok(elapsedMs > 0);
      assert.ok(index === 0 || sofar > (told[index - 1]?.lives ?? 0));
    }
  });
}

test("a short campaign says nothing before its end", async () => {
  let told = 0;
  const onProgress = () => {
    told++;
  };
  const short = { ...SEEDS, count: 2, jobs: 1, progressMs: 60_000 };
  await runCampaign({ ...short, onFailed: () => undefined, onProgress });
  assert.equal(told, 0);
});
