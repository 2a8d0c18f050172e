import { resolve } from "node:path";
import { bytesOf, textOf } from "../base/bytes.ts";
import type { CommandLine } from "../config/command-line.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { ServerConfig } from "../config/server-config.ts";
import { type Appended, loadFile } from "./file/load-file.ts";
import { DEFAULT_PID_FILE, PidFile } from "./file/pid-file.ts";
import type { Log } from "./log/log.ts";
import { openLog, openLogWriter } from "./log/open-log.ts";
import { isBackgroundProcess, startInBackground } from "./process/daemonize.ts";
import { affordableClients, mostClients, readDescriptors } from "./process/descriptors.ts";
import { adjustOomScore } from "./process/oom-score.ts";
import type { OwnSettings } from "./process/own-flags.ts";
import { processTitle } from "./process/process-title.ts";
import { endBySignal, installSignals } from "./process/signals.ts";
import { detectSupervision, Supervisor } from "./process/supervisor.ts";
import { SentinelProcess } from "./sentinel-process.ts";
import { StartError } from "./start-error.ts";
import { ownVersion, PROGRAM, REDIS_VERSION } from "./version.ts";

interface Invocation {
  readonly commandLine: CommandLine;
  readonly own: OwnSettings;
}

/** What the command line and the file decided, before anything of the process is set up. */
interface Plan {
  readonly configPath: string;
  readonly loaded: LoadedConfig;
  readonly own: OwnSettings;
  readonly background: boolean;
}

/**
 * From the command line to a running Sentinel. Errors up to the log's opening are thrown as
 * `StartError`; later ones are in the log, too.
 */
export async function boot({ commandLine, own }: Invocation): Promise<void> {
  const folder = process.cwd();
  const isDaemon = isBackgroundProcess();
  const stdinText = commandLine.readsStdin ? await readStdin() : null;
  const shownPath = textOf(commandLine.file ?? "");
  if (shownPath === "") {
    throw new StartError("Sentinel needs config file on disk to save state. Exiting...");
  }
  // Absolute before a `dir` line changes the folder.
  const configPath = resolve(shownPath);
  const loaded = loadFile(configPath, shownPath, appendedText(commandLine, stdinText));
  const background = goesToBackground(loaded.server);
  if (background && !isDaemon) {
    // The last chance to tell that the log cannot be had.
    openLogWriter(loaded.server, background, own.logFormat);
    return startInBackground(folder, stdinText);
  }
  await run({ configPath, loaded, own, background });
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("latin1");
}

function appendedText({ optionsText }: CommandLine, stdinText: string | null): Appended {
  const stdin = stdinText === null ? [] : [{ origin: "stdin" as const, text: stdinText }];
  const options = optionsText === "" ? [] : [{ origin: "options" as const, text: optionsText }];
  return [...stdin, ...options];
}

/** A supervised process stays where its supervisor sees it. */
function goesToBackground({ daemonize, supervised }: ServerConfig): boolean {
  const { NOTIFY_SOCKET, UPSTART_JOB } = process.env;
  const watched = { no: undefined, systemd: NOTIFY_SOCKET, upstart: UPSTART_JOB }[
    detectSupervision(supervised)
  ];
  return daemonize && watched === undefined;
}

async function run(plan: Plan): Promise<void> {
  const { server } = plan.loaded;
  const log = openLog(server, plan.background, plan.own.logFormat);
  dieLoudly(log);
  try {
    await start(plan, log);
  } catch (error) {
    if (!isForOperator(error)) throw error;
    log.write("warning", bytesOf(error.message));
    // Whoever started us by hand looks at the terminal first.
    if (server.logfile !== "" && process.stderr.isTTY) process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** The server throws plain errors with a sentence; a TypeError and its like are bugs. */
function isForOperator(error: unknown): error is Error {
  return error instanceof StartError || (error instanceof Error && error.constructor === Error);
}

async function start(plan: Plan, log: Log): Promise<void> {
  const { server } = plan.loaded;
  const supervision = detectSupervision(server.supervised);
  const supervisor = new Supervisor(supervision, log);
  const pidFile = pidFileOf(plan, log);
  logBeginning(log, plan.loaded.warnings);
  supervisor.starting();
  if (server.setProcTitle) process.title = processTitle(server, PROGRAM, bytesOf(plan.configPath));
  adjustOomScore(server.oomScoreAdj, log);
  const descriptors = readDescriptors();
  const maxclients = affordableClients(server.maxclients, descriptors, log);
  log.write("notice", `Running mode=sentinel, port=${server.port || server.tlsPort}.`);
  const sentinel = new SentinelProcess({
    ...plan,
    // The file keeps what the operator wrote: another start may have more descriptors.
    loaded: { ...plan.loaded, server: { ...server, maxclients } },
    guards: {
      ...plan.own.guard,
      refusedAfterMs: plan.own.refusedAfter,
      maxLag: plan.own.maxLag,
      handsOverAtShutdown: plan.own.handoverOnShutdown,
    },
    onlookers: plan.own,
    mostClients: mostClients(descriptors),
    log,
    supervision,
    executable: process.argv[1] ?? "",
    // A second start by mistake must fail before it takes the running instance's pid file [D-PID-LATE].
    onListening: () => pidFile?.create(),
    onShutdown: () => shutDown(sentinel, supervisor, pidFile, log),
  });
  listenToSignals(sentinel, log);
  try {
    await sentinel.start();
  } catch (error) {
    pidFile?.forget();
    throw error;
  }
  supervisor.ready();
}

function pidFileOf({ loaded, background }: Plan, log: Log): PidFile | null {
  const { pidfile } = loaded.server;
  if (pidfile !== null) return new PidFile(textOf(pidfile), log);
  return background ? new PidFile(DEFAULT_PID_FILE, log) : null;
}

/** In the order and, where scripts look for them, the words of the reference [LOG-START]. */
function logBeginning(log: Log, warnings: readonly string[]): void {
  log.write("notice", `${PROGRAM} is starting`);
  const versions = `Redis version=${REDIS_VERSION}, bits=64, commit=00000000, modified=0`;
  log.write("notice", `${versions}, pid=${process.pid}, just started`);
  log.write("notice", `${PROGRAM} version=${ownVersion()}, node=${process.version}`);
  log.write("notice", "Configuration loaded");
  if (process.pid === 1) log.write("warning", AS_PROCESS_1);
  for (const sentence of warnings) log.write("warning", `WARNING: ${sentence}.`);
}

const AS_PROCESS_1 =
  "WARNING: this is process 1, and what probes and scripts leave behind stays as zombies, for Node cannot take it in. Run an init (docker run --init, shareProcessNamespace: true) or start bin/redis-sentinel, which is one.";

function listenToSignals(sentinel: SentinelProcess, log: Log): void {
  installSignals({
    announce: (text) => log.signal(text),
    shutDownSoon: sentinel.shutDownSoon,
    reload: () => {
      log.reopen();
      log.signal("Received SIGHUP, reading certificates and users again...");
      sentinel.reload();
    },
    exit: (code) => process.exit(code),
  });
}

function shutDown(
  sentinel: SentinelProcess,
  supervisor: Supervisor,
  pidFile: PidFile | null,
  log: Log,
): void {
  log.write("notice", "User requested shutdown...");
  supervisor.stopping();
  pidFile?.remove();
  sentinel.stop();
  log.write("warning", "Sentinel is now ready to exit, bye bye...");
  // Node waits for its threads before it exits, and one may be held by a file system that hangs.
  if (sentinel.isHeldByDisk) endBySignal();
  else process.exit(0);
}

/** What nobody caught is a bug; the log must have it before the process ends. */
function dieLoudly(log: Log): void {
  process.on("uncaughtException", (error) => {
    log.write("warning", bytesOf(`Unexpected error, exiting: ${error.stack ?? error.message}`));
    process.exit(1);
  });
}
