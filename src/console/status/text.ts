import { bytesOf } from "../../base/bytes.ts";
import { sizeText } from "../../base/sizes.ts";
import { hasLostMaster } from "../../quorum/fitness.ts";
import type { Judged, Judgement } from "../../quorum/judgement.ts";
import type { LastFailover } from "../../quorum/last-failover.ts";
import type { MasterPicture, ReplicaPicture, SentinelPicture } from "../../quorum/picture.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import type { Output, Tone } from "../output.ts";
import { shown } from "../shown.ts";
import { type Cell, fitted, tableLines, widthOf } from "../table.ts";
import { spanOf } from "../times.ts";

const TONES: readonly Tone[] = ["good", "warning", "bad"];
/** Enough of 40 digits to tell histories apart. */
const SHOWN_OF_HISTORY = 6;

/** Of each master a head, its servers and Sentinels, and what is wrong. */
export function statusLines(output: Output, judged: readonly Judged[]): string[] {
  if (judged.length === 0) return ["no master is watched"];
  // What is wrong stands above what is well.
  const worstFirst = [...judged].sort((a, b) => b.judgement.severity - a.judgement.severity);
  return worstFirst.flatMap(({ picture, judgement }, at) => [
    ...(at === 0 ? [] : [""]),
    ...masterLines(output, picture, judgement),
  ]);
}

function masterLines(output: Output, picture: MasterPicture, judgement: Judgement): string[] {
  const servers = [masterRow(picture), ...picture.replicas.map((one) => replicaRow(one, picture))];
  const sentinels = picture.sentinels.map((one) => sentinelRow(one, picture));
  // The first columns of both go on below each other.
  const all = [...servers, ...sentinels];
  const least = [0, 1, 2].map((at) =>
    all.reduce((widest, row) => Math.max(widest, widthOf(textIn(row[at]))), 0),
  );
  return [
    headLine(output, picture, judgement),
    ...judgement.troubles.map(({ severity, text }) => {
      const line = fitted(`  ${severity === 2 ? "!!" : "!"} ${shown(text)}`, output.width);
      return output.paint(TONES[severity] ?? null, line);
    }),
    ...whatToAsk(output, picture, judgement),
    ...tableLines(output, servers, { least }),
    ...tableLines(output, sentinels, { least }),
  ];
}

/** What to do is told by others: why it is not failed over, or what is wrong with what is up. */
function whatToAsk(
  output: Output,
  picture: MasterPicture,
  { troubles, word }: Judgement,
): string[] {
  if (troubles.length === 0) return [];
  const command = word === "DOWN" || word === "FAILOVER" ? "explain" : "check";
  const line = `  what to do: redis-sentinel-ts ${command} ${shown(picture.name)}`;
  return [output.paint("quiet", fitted(line, output.width))];
}

function textIn(cell: Cell | undefined): string {
  return cell === undefined ? "" : typeof cell === "string" ? cell : cell[0];
}

function headLine(output: Output, picture: MasterPicture, { word, severity }: Judgement): string {
  const {
    witness: { sight },
    known,
    usable,
    majority,
  } = picture;
  const row: Cell[] = [
    [shown(picture.name), "strong"],
    placed(picture.place),
    [word, TONES[severity] ?? null],
    `epoch ${sight.configEpoch}`,
    `quorum ${sight.quorum} of ${known}, ${usable} usable, majority ${majority}`,
    lastFailoverText(picture.lastFailover),
  ];
  return tableLines(output, [row], { indent: "" })[0] ?? "";
}

/** `last failover 3 d ago, 0.1 s after detection (journal 41)`. */
function lastFailoverText(last: LastFailover | null): string {
  if (last === null) return "";
  const { atMs, result, tookMs, kind, id } = last;
  const ago = spanOf(Math.max(0, Date.now() - atMs));
  if (result !== "done")
    return `last attempt ${ago} ago: ${shown(bytesOf(result))} (journal ${id})`;
  const isAsked = ["forced", "coordinated", "handover"].includes(kind);
  const took =
    tookMs === null ? "" : `, ${spanOf(tookMs)} after ${isAsked ? "the request" : "detection"}`;
  return `last failover ${ago} ago${took} (journal ${id})`;
}

function masterRow({ master, witness: { sight } }: MasterPicture): Cell[] {
  const { report, version } = master.facts ?? { report: null, version: null };
  const isDown = master.downMs !== null;
  const state: Cell = isDown ? ["down", "bad"] : ["up", "good"];
  const keys = report?.keys ?? null;
  const rest = [
    isDown ? `for ${spanOf(master.downMs)}` : null,
    keys === null ? null : `${keys} keys`,
    report?.history ? `history ${report.history.id.slice(0, SHOWN_OF_HISTORY)}` : null,
    sight.failoverState,
  ];
  return [
    "master",
    placed(master),
    state,
    "-",
    version === null ? "?" : shown(version),
    joined(rest),
  ];
}

function replicaRow(one: ReplicaPicture, { witness }: MasterPicture): Cell[] {
  const { facts, lagBytes, unfit, isNext, sight, ...at } = one;
  const state: Cell = unfit === null ? ["fit", "good"] : ["unfit", "warning"];
  const lag = lagBytes === null ? "lag ?" : `lag ${sizeText(lagBytes)}`;
  const rest = [
    unfit,
    isNext ? "next in line" : null,
    at.downMs === null ? null : `for ${spanOf(at.downMs)}`,
    hasLostMaster(sight, witness.sight) ? "no link to its master" : null,
    sight.isAnnounced ? null : "not announced",
  ];
  const version = facts?.version ?? null;
  return ["replica", placed(at), state, lag, version === null ? "?" : shown(version), joined(rest)];
}

function sentinelRow(one: SentinelPicture, { place, witness }: MasterPicture): Cell[] {
  const { sight, program, error, downMs, isDownForMost, isNamed, isTilt } = one;
  const asked = isNamed ? "(asked)" : null;
  const down = !isDownForMost || downMs === null ? null : `down for ${spanOf(downMs)} to its peers`;
  if (sight === null) {
    const state: Cell = down === null ? ["silent", "warning"] : ["down", "bad"];
    return ["sentinel", placed(one), state, joined([shown(error ?? "not asked"), down, asked])];
  }
  const isSame = nameOf(sight) === nameOf(place) && sight.configEpoch === witness.sight.configEpoch;
  const says = `says ${placed(sight)} epoch ${sight.configEpoch}`;
  const state: Cell = isTilt ? ["tilt", "warning"] : ["up", "good"];
  const masterDown = sight.downMs === null ? null : `master down for ${spanOf(sight.downMs)}`;
  return [
    ...["sentinel", placed(one), state],
    [says, isSame ? null : "bad"],
    program === null ? "?" : shown(program.text),
    joined([masterDown, ...[one.saveTrouble, one.hookTrouble].map(orNothing), down, asked]),
  ];
}

function orNothing(trouble: string | null): string | null {
  return trouble === null ? null : shown(trouble);
}

function placed(place: Place): string {
  return shown(nameOf(place));
}

function joined(words: readonly (string | null)[]): string {
  return words.filter((word) => word !== null && word !== "").join("  ");
}
