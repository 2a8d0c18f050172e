import type { ServerConfig } from "../config/server-config.ts";
import { textOf } from "./bytes.ts";
import { monotonicMillis } from "./clock.ts";
import { strerror } from "./errno.ts";
import { DescriptorWriter, FileWriter, type LineWriter, NOWHERE } from "./line-writer.ts";
import { StartError } from "./start-error.ts";

const STDOUT = 1;

/** Where the log goes: the file, else standard output, else (in the background) nowhere. */
export function openLogWriter(config: ServerConfig, background: boolean): LineWriter {
  if (config.syslogEnabled) refuseSyslog();
  if (config.logfile === "") return background ? NOWHERE : new DescriptorWriter(STDOUT);
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
