import type { ServerConfig } from "../config/server-config.ts";
import { textOf } from "./bytes.ts";
import { monotonicMillis } from "./clock.ts";
import { strerror } from "./errno.ts";
import {
  DescriptorWriter,
  FileWriter,
  type LineWriter,
  NOWHERE,
  openStdout,
} from "./line-writer.ts";
import { lossLine } from "./log.ts";
import type { LogFormat } from "./log-format.ts";
import { StartError } from "./start-error.ts";

/** Where the log goes: the file, else standard output, else (in the background) nowhere. */
export function openLogWriter(
  config: ServerConfig,
  background: boolean,
  format: LogFormat,
): LineWriter {
  if (config.syslogEnabled) refuseSyslog();
  if (config.logfile === "") {
    if (background) return NOWHERE;
    return new DescriptorWriter(openStdout(), { lossLine: (lost) => lossLine(format, lost) });
  }
  const path = textOf(config.logfile);
  try {
    return new FileWriter(path, monotonicMillis);
  } catch (error) {
    throw new StartError(`Can't open the log file '${path}': ${strerror(error)}`);
  }
}

/** Node has no syslog, and every library that speaks to /dev/log needs a native build. */
function refuseSyslog(): never {
  throw new StartError(
    "syslog-enabled yes is not supported: set it to no and let the log go to standard output, where systemd-journald (or `logger`) takes it up",
  );
}
