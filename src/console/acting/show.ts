import type { MasterPicture } from "../../quorum/picture.ts";
import { nameOf } from "../../quorum/place.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { type Cell, tableLines } from "../table.ts";
import { sentinelsOf } from "./outcome.ts";
import type { Wanted } from "./wanted.ts";

/** What any Sentinel tells of the replicas. Whom it would promote; null: nobody. */
export function showReplicas(
  output: Output,
  { picture, isJson, target }: Wanted,
  how: string,
): string | null {
  const next = picture.replicas.find((one) =>
    target ? nameOf(one) === nameOf(target) : one.isNext,
  );
  const name = next === undefined ? null : nameOf(next);
  if (isJson) output.jsonLine({ name: shown(picture.name), target: name, how });
  else {
    const rows = picture.replicas.map((one): readonly Cell[] => [
      nameOf(one),
      one.unfit === null ? ["fit", "good"] : ["unfit", "bad"],
      one.unfit ?? (one.lagBytes === null ? "" : `lag ${one.lagBytes} bytes`),
    ]);
    showTable(output, picture, name ?? "nobody", how, rows);
  }
  return name;
}

export function showTable(
  output: Output,
  picture: MasterPicture,
  target: string,
  how: string,
  rows: readonly (readonly Cell[])[],
): void {
  output.line(`${shown(picture.name)}  ${nameOf(picture.place)} -> ${target}, ${how}`);
  output.lines(tableLines(output, rows));
  const silent = sentinelsOf(picture).length - picture.witnesses.length;
  if (silent > 0) output.line(`  ${silent} Sentinels did not answer`);
}
