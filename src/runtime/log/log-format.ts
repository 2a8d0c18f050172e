import type { ServerConfig } from "../../config/server-config.ts";

/** The forms of the log by our own flag: as the file says, or one JSON object a line. */
export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** How each line is written. */
export interface LogStyle {
  /** `legacy`: as Redis; `logfmt`: as Valkey's directive. */
  readonly format: ServerConfig["logFormat"] | "json";
  /** JSON has a time of its own. */
  readonly timestamp: ServerConfig["logTimestampFormat"];
}

export function logStyle(
  { logFormat, logTimestampFormat }: ServerConfig,
  ownFlag: LogFormat,
): LogStyle {
  return { format: ownFlag === "json" ? "json" : logFormat, timestamp: logTimestampFormat };
}
