import type { ClientLife } from "./life.ts";
import type { ClientSpec } from "./registry.ts";
import { type KindName, type SceneryName, sceneryNames } from "./scenery.ts";
import type { ToolResult } from "./tools/compare.ts";

/** Middle of an odd count, mean of the two in the middle of an even one; null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

export type Gap = "killGapMs" | "failoverGapMs";

/** Of the plain lives that were lived whole; others would bring the time that was waited for them. */
export function medianGapMs(
  lives: readonly ClientLife[],
  client: string,
  kind: KindName,
  gap: Gap,
): number | null {
  const whole = select(lives, client, kind, "plain").filter(({ failure }) => failure === null);
  return median(whole.map((life) => life[gap]));
}

/** Seconds without a write and what it cost, one line for each client. */
export function outageTable(lives: readonly ClientLife[], clients: readonly ClientSpec[]): string {
  const head = [
    ["client", "master killed", "", "failover on request", "", "writes lost", ""],
    ["", "ours", "C", "ours", "C", "ours", "C"],
  ];
  const rows = clients.map(({ name, title }) => [
    title,
    ...(["killGapMs", "failoverGapMs"] as const).flatMap((gap) => [
      seconds(medianGapMs(lives, name, "ours", gap)),
      seconds(medianGapMs(lives, name, "c", gap)),
    ]),
    ...(["ours", "c"] as const).map((kind) => lost(select(lives, name, kind, "plain"))),
  ]);
  return markdown(head, rows);
}

/** Which whole lives were lived: of how many, in which scenery, with which Sentinels. */
export function livesTable(lives: readonly ClientLife[], clients: readonly ClientSpec[]): string {
  const columns = sceneryNames
    .flatMap((scenery) => kinds.map((kind) => ({ scenery, kind })))
    .filter(({ scenery, kind }) =>
      lives.some((one) => one.kind === kind && one.scenery === scenery),
    );
  const head = [
    ["client", ...columns.map(({ scenery, kind }) => `${scenery}, ${kindTitle[kind]}`)],
  ];
  const rows = clients.map(({ name, title, cannot }) => [
    title,
    ...columns.map(({ scenery, kind }) =>
      cannot?.[scenery] === undefined ? lived(select(lives, name, kind, scenery)) : "-",
    ),
  ]);
  const reasons = clients.flatMap(({ title, cannot = {} }) =>
    Object.entries(cannot).map(([scenery, reason]) => `- ${title}, ${scenery}: ${reason}.`),
  );
  const others = clients.flatMap(({ title, onlyWith }) =>
    onlyWith === undefined ? [] : `- ${title}: only with ${kindTitle[onlyWith]}, which answer it.`,
  );
  const flaws = clients.flatMap(({ title, flaw }) => (flaw ? [`- ${title}: ${flaw.what}.`] : []));
  const parts = [markdown(head, rows), "Not tried:", [...reasons, ...others].join("\n")];
  return [...parts, "Lost now and then by the client's own doing:", flaws.join("\n")].join("\n\n");
}

/** What each client said of its troubles, per life, in the plain scenery. */
export function errorTable(lives: readonly ClientLife[], clients: readonly ClientSpec[]): string {
  const rows = clients.flatMap(({ name, title }) => {
    const ours = meanErrors(select(lives, name, "ours", "plain"));
    const c = meanErrors(select(lives, name, "c", "plain"));
    const texts = [...new Set([ours, c].flatMap((means) => [...(means?.keys() ?? [])]))];
    return texts.map((text, at) => [
      at === 0 ? title : "",
      code(text),
      mean(ours, text),
      mean(c, text),
    ]);
  });
  return markdown([["client", "error", "ours", "C"]], rows);
}

/** What the tools found out about ours and about C Sentinels. */
export function toolTable(tools: readonly ToolResult[]): string {
  const list = (facts: readonly string[]) => facts.map(code).join("<br>") || "-";
  const rows = tools.map(({ title, same, onlyOurs, onlyC }) => [
    title,
    `${same}`,
    list(onlyOurs),
    list(onlyC),
  ]);
  return markdown([["tool", "facts alike", "only ours", "only C"]], rows);
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "/").replaceAll("`", "'")}\``;
}

const kinds = ["ours", "mixed", "c"] as const satisfies readonly KindName[];
const kindTitle = { ours: "ours", mixed: "1 ours, 2 C", c: "C" } as const;

function select(
  lives: readonly ClientLife[],
  client: string,
  kind: KindName,
  scenery: SceneryName,
): readonly ClientLife[] {
  return lives.filter(
    (one) => one.client === client && one.kind === kind && one.scenery === scenery,
  );
}

function lived(lives: readonly ClientLife[]): string {
  const whole = lives.filter(({ failure }) => failure === null).length;
  return lives.length === 0 ? "-" : `${whole} of ${lives.length}`;
}

function seconds(ms: number | null): string {
  return ms === null ? "-" : (ms / 1000).toFixed(2);
}

/** The median of all lives. */
function lost(lives: readonly ClientLife[]): string {
  return `${median(lives.map(({ vanished }) => vanished)) ?? "-"}`;
}

type Means = ReadonlyMap<string, number> | null;

function mean(means: Means, text: string): string {
  return means === null ? "-" : (means.get(text) ?? 0).toFixed(1);
}

/** Null: it had no life of this kind. */
function meanErrors(lives: readonly ClientLife[]): Means {
  if (lives.length === 0) return null;
  const sums = new Map<string, number>();
  for (const { errors } of lives) {
    for (const [text, count] of errors) {
      sums.set(text, (sums.get(text) ?? 0) + count / lives.length);
    }
  }
  return sums;
}

/** The first line of the head names the columns; a second one is a row of the body. */
export function markdown(
  head: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
): string {
  const [names = [], ...more] = head;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = line(names.map(() => "---"));
  return [line(names), rule, ...more.map(line), ...rows.map(line)].join("\n");
}
