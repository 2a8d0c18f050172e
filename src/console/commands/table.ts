import type { Command } from "../command.ts";
import type { CommandName } from "../names.ts";
import { check } from "./check.ts";
import { explain } from "./explain.ts";
import { forget } from "./forget.ts";
import { handover } from "./handover.ts";
import { history } from "./history.ts";
import { pause, resume } from "./pause.ts";
import { rotate } from "./rotate.ts";
import { status } from "./status.ts";
import { failover, switchover } from "./switchover.ts";
import { watch } from "./watch.ts";

/** All commands: help, manual page and completion are made of this. */
export const COMMANDS: Readonly<Record<CommandName, Command>> = {
  status,
  watch,
  check,
  explain,
  history,
  rotate,
  switchover,
  failover,
  handover,
  pause,
  resume,
  forget,
};
