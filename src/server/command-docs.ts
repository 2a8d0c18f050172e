import { bulk, map, type Reply } from "../core/reply.ts";
import type { CommandSpec } from "./command-table.ts";

export function documentCommand(spec: CommandSpec): Reply {
  return map([[bulk("summary"), bulk(spec.fullName)]]);
}
