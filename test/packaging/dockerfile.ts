/** What a Dockerfile without RUN says; where an instruction stands twice, the last counts, but for COPY and ENV. */
export interface Image {
  readonly copies: readonly {
    readonly from: string;
    readonly to: string;
    readonly owner: number;
  }[];
  readonly env: Readonly<Record<string, string>>;
  /** user:group, numbers */
  readonly user: string;
  readonly workdir: string;
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  readonly health: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** Throws on an instruction that it does not know. */
export function readDockerfile(text: string): Image {
  const copies: { from: string; to: string; owner: number }[] = [];
  const env: Record<string, string> = {};
  const last = new Map<string, string>();
  for (const line of text.split("\n").filter((each) => /^[A-Z]/.test(each))) {
    const [, name = "", words = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (!KNOWN.includes(name)) throw new Error(`not known: ${line}`);
    last.set(name, words);
    if (name === "COPY") copies.push(copyOf(words));
    if (name === "ENV") {
      const [, key = "", value = ""] = /^(\w+)=(\S*)$/.exec(words) ?? [];
      env[key] = value;
    }
  }
  const list = (name: string): string[] =>
    JSON.parse(/\[.*\]$/.exec(last.get(name) ?? "")?.[0] ?? "[]");
  return {
    copies,
    env,
    user: last.get("USER") ?? "0:0",
    workdir: last.get("WORKDIR") ?? "/",
    volumes: list("VOLUME"),
    stopSignal: last.get("STOPSIGNAL") ?? "SIGTERM",
    health: list("HEALTHCHECK"),
    entrypoint: list("ENTRYPOINT"),
    command: list("CMD"),
  };
}

const KNOWN =
  "ARG FROM COPY ENV USER WORKDIR VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD".split(" ");

function copyOf(words: string): { from: string; to: string; owner: number } {
  const [, owner = "0", from = "", to = ""] =
    /^(?:--chown=(\d+):\d+ )?(\S+) (\S+)$/.exec(words) ?? [];
  return { from, to, owner: Number(owner) };
}
