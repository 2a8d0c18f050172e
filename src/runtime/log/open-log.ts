import { textOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import { monotonicMillis } from "../clock.ts";
import { StartError } from "../start-error.ts";
import {
  DescriptorWriter,
  FileWriter,
  type LineWriter,
  NOWHERE,
  openStdout,
} from "./line-writer.ts";
import { createLog, type Log, lossLine } from "./log.ts";
import { type LogFormat, logStyle } from "./log-format.ts";
import { Syslog, withSyslog } from "./syslog.ts";

/** Where the log goes: the file, else standard output, else (in the background) nowhere. */
export function openLogWriter(
  config: ServerConfig,
  background: boolean,
  format: LogFormat,
): LineWriter {
  if (config.logfile === "") {
    if (background) return NOWHERE;
    const style = logStyle(config, format);
    return new DescriptorWriter(openStdout(), { lossLine: (lost) => lossLine(style, lost) });
  }
  const path = textOf(config.logfile);
  try {
    return new FileWriter(path, monotonicMillis);
  } catch (error) {
    throw new StartError(`Can't open the log file '${path}': ${strerror(error)}`);
  }
}

/** The log of the process: in its file or on standard output, and in the system's if it is enabled. */
export function openLog(config: ServerConfig, background: boolean, format: LogFormat): Log {
  const log = createLog(
    logStyle(config, format),
    config.loglevel,
    openLogWriter(config, background, format),
  );
  if (!config.syslogEnabled) return log;
  const syslog = new Syslog({
    ident: textOf(config.syslogIdent),
    facility: config.syslogFacility,
    onTrouble: (sentence) => log.write("warning", sentence),
  });
  return withSyslog(log, syslog, config.loglevel);
}
