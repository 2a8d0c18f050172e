import { array, type Reply } from "../../base/reply.ts";
import { contain } from "../contain.ts";
import type { Context } from "../context.ts";
import type { ClientId } from "../input.ts";
import type { Instance } from "../state.ts";
import type { Call } from "./call.ts";
import { describeInstance } from "./instance-fields.ts";

/** Rows made in one step. A thousand in one took 15 ms, in which nobody else was heard. */
export const ROWS_PER_STEP = 100;

/** A table that a client waits for. */
export interface Table {
  readonly client: ClientId;
  readonly of: ReadonlyMap<string, Instance>;
  /** Null: not begun. What is gone by then is still described, as it was last. */
  left: Instance[] | null;
  readonly rows: Reply[];
}

/** A row for each instance: at once if there are few, else some in each of the next steps. */
export function tabulate(
  ctx: Context,
  { input }: Call,
  of: ReadonlyMap<string, Instance>,
): Reply | null {
  if (of.size <= ROWS_PER_STEP) {
    return array(rowsOf(of).map((instance) => describeInstance(ctx, instance)));
  }
  ctx.state.tables.push({ client: input.client, of, left: null, rows: [] });
  if (ctx.state.tables.length === 1) ctx.effects.push({ type: "again" });
  return null;
}

/** Replicas that do not want to be announced are watched but not listed [REPLICA-ANNOUNCED]. */
function rowsOf(of: ReadonlyMap<string, Instance>): Instance[] {
  return [...of.values()].filter((one) => one.kind !== "replica" || one.announced);
}

/** Goes on with the eldest table. */
export function goOnWithTables(ctx: Context): void {
  const [table] = ctx.state.tables;
  if (!table) return;
  table.left ??= rowsOf(table.of);
  for (const instance of table.left.splice(0, ROWS_PER_STEP)) {
    contain(ctx, instance, () => table.rows.push(describeInstance(ctx, instance)));
  }
  if (table.left.length === 0) {
    ctx.state.tables.shift();
    ctx.effects.push({ type: "reply", client: table.client, reply: array(table.rows) });
  }
  if (ctx.state.tables.length > 0) ctx.effects.push({ type: "again" });
}
