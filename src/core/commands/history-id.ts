import { array, bulk, error, integer, map, OK, type Reply } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import { keep } from "../extra.ts";
import { adoptName, isDataName } from "../lineage-guard.ts";
import type { Master } from "../state.ts";
import { findMaster, NO_SUCH_MASTER } from "./arguments.ts";
import type { Handler } from "./call.ts";

const USAGE = error("ERR Only SENTINEL HISTORY-ID <name> [ADOPT <replid>] are supported.");
const NOT_KEPT = error(
  "ERR It is adopted, but that could not be written beside the config file: a restart would forget it",
);

/** The names of a master's data (`master_replid`), the last one first; ADOPT vouches for one more [D-LINEAGE]. */
export const historyId: Handler = (ctx, call) => {
  const [name, verb, id = "", ...more] = call.args;
  const master = findMaster(ctx, name);
  if (!master) return NO_SUCH_MASTER;
  if (verb === undefined) return describe(ctx, master);
  if (verb.toLowerCase() !== "adopt" || more.length > 0) return USAGE;
  if (!isDataName(id)) return error("ERR A replid has 40 hexadecimal digits");
  adoptName(ctx, master, id.toLowerCase());
  ctx.journal?.note(ctx, { name: master.name, kind: "adopt", result: "done", text: id });
  return keep(ctx, { client: call.input.client, ifKept: () => OK, ifNot: () => NOT_KEPT });
};

function describe(ctx: Context, { names }: Master): Reply {
  return array(
    names.map(({ id, at, isAdopted }) =>
      map([
        [bulk("replid"), bulk(id)],
        [bulk("seconds-ago"), integer(Math.floor((ctx.now - at) / 1_000))],
        [bulk("source"), bulk(isAdopted ? "adopted" : "heard")],
      ]),
    ),
  );
}
