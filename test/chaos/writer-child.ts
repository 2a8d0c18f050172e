import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";
import { enter, type Host } from "./fabric.ts";

export interface WriterOptions {
  /** Also the key that it writes to. */
  readonly id: string;
  readonly master: string;
  /** Addresses of the Sentinels, the first to ask first. */
  readonly sentinels: readonly string[];
}

export interface WriterReport {
  /** Writes 0 to this number less one were acknowledged. */
  readonly acknowledged: number;
  /** Sum of the silences of more than a second between two acknowledgments. */
  readonly outagesMs: number;
  readonly sinceLastMs: number;
}

const program = fileURLToPath(new URL("./writer.js", import.meta.url));

/** A writing client on a host. */
export class WriterChild {
  readonly options: WriterOptions;
  readonly child: Child;

  constructor(host: Host, folder: string, options: WriterOptions) {
    this.options = options;
    const command = [...enter(host), process.execPath, program, JSON.stringify(options)];
    this.child = new Child({ name: `writer-${options.id}`, command, folder });
  }

  /** Ends it. */
  async report(): Promise<WriterReport> {
    await this.child.stop("SIGTERM");
    return JSON.parse(this.child.log.lines.at(-1) ?? "{}");
  }
}
