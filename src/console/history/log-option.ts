/** For commands that read logs. */
export const LOG_OPTION = {
  log: {
    type: "string",
    array: true,
    describe:
      "files of Sentinels of any make, as they are, packed by gzip, or from journalctl, docker or kubectl; - is standard input",
  },
} as const;
