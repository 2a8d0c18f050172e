import { pictureFrom } from "../ask.ts";
import { ACTED, type Call, defineCommand } from "../command.ts";
import { type Access, accessOf } from "../connect/access.ts";
import type { Client } from "../connect/client.ts";
import { Refusal } from "../connect/errors.ts";
import { type CommonValues, SERVER_OPTIONS, type ServerValues } from "../options.ts";
import type { Output } from "../output.ts";
import { groupOf } from "../rotate/group.ts";
import { perform } from "../rotate/perform.ts";
import { planOf, type Step } from "../rotate/plan.ts";
import { secretsOf } from "../rotate/secrets.ts";
import { type Cell, tableLines } from "../table.ts";

const OPTIONS = {
  ...SERVER_OPTIONS,
  "new-servers-auth-file": {
    type: "string",
    describe: "file (mode 0600) whose first line is the new password at the servers",
  },
  "new-auth-file": {
    type: "string",
    describe: "file (mode 0600) whose first line is the new password at the Sentinels",
  },
  "of-servers-user": {
    type: "string",
    describe: "whose password it is at the servers; else of the user that we log in as",
  },
  "old-servers-auth-file": {
    type: "string",
    describe: "file (mode 0600) with his old one, if it is not ours",
  },
  "of-user": { type: "string", describe: "whose password it is at the Sentinels" },
  "old-auth-file": { type: "string", describe: "file (mode 0600) with his old one" },
  "keep-old": { type: "boolean", describe: "do not remove the old password yet: clients use it" },
  "dry-run": { type: "boolean", describe: "look, print the plan, and change nothing" },
} as const;

export const rotate = defineCommand({
  name: "rotate",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Changes passwords of servers and Sentinels while all of them work",
  about:
    "All servers accept both passwords, every Sentinel says the new one, replicas say it to their master, and then the old one is removed; the same for the passwords of the Sentinels themselves. Works with Sentinels of Redis and Valkey. It stops at the first refusal, and tells what is done and what is left: run it again, what is done is left alone. Passwords come from files alone.",
  options: OPTIONS,
  examples: [
    ["rotate m --servers-auth-file old --new-servers-auth-file new --dry-run", "only the plan"],
    [
      "rotate m --servers-auth-file old --new-servers-auth-file new --keep-old",
      "clients follow; then once more without --keep-old",
    ],
    ["rotate m --auth-file old --new-auth-file new", "the password of the Sentinels"],
  ],
  exits: "acting",
  undoes: true,
  run,
});

type Values = CommonValues & ServerValues & Call<typeof OPTIONS>["options"];

/** A Sentinel of Redis is back after a second or two. */
const BACK_MS = 20_000;
const POLL_MS = 100;

async function run(call: Call<typeof OPTIONS>): Promise<number> {
  const { words, options, output, access: old, interrupted } = call;
  const secrets = secretsOf(options, output.terminal.env, old.conf, words[0] ?? null);
  const next = await accessOf(withNew(options), output.terminal.env);
  const access = either(old, next);
  const picture = await pictureFrom(access, words[0] ?? null);
  const opened: Client[] = [];
  try {
    const group = await groupOf(keeping(access, opened), picture, secrets);
    const login = await loginAs(options, output.terminal.env, secrets);
    const steps = planOf(group, secrets, options["keep-old"] === true, {
      async tryServer({ master, client }) {
        (await login.server(master, client.place)).close();
      },
      async trySentinel({ client }) {
        (await login.sentinel(client.place)).close();
      },
      until,
    });
    if (options["dry-run"] === true) return print(output, options.json === true, steps);
    const outcome = await perform(steps, group, interrupted, (text) => output.note(text));
    print(output, options.json === true, outcome.steps);
    if (outcome.trouble === null) return ACTED.done;
    output.note(`stopped: ${outcome.trouble}`);
    output.note("what is done stays done; run it again for what is left");
    return outcome.hasChanged ? ACTED.unknown : ACTED.refused;
  } finally {
    for (const client of opened) client.close();
  }
}

function withNew(options: Values & Call<typeof OPTIONS>["options"]): Values {
  const servers = options["new-servers-auth-file"];
  const sentinels = options["new-auth-file"];
  // Another user's password is none of ours.
  const isOurs = options["of-servers-user"] === undefined;
  const isOursThere = options["of-user"] === undefined;
  return {
    ...options,
    ...(servers !== undefined && isOurs && { "servers-auth-file": servers }),
    ...(sentinels !== undefined && isOursThere && { "auth-file": sentinels }),
  };
}

async function loginAs(
  options: Values,
  env: NodeJS.ProcessEnv,
  { servers, sentinels }: ReturnType<typeof secretsOf>,
): Promise<Access> {
  return await accessOf(
    {
      ...options,
      ...(servers !== null && {
        "servers-user": servers.userText,
        "servers-auth-file": options["new-servers-auth-file"],
      }),
      ...(sentinels !== null && {
        user: sentinels.userText,
        "auth-file": options["new-auth-file"],
      }),
    },
    env,
  );
}

/** With the old password, and where that one is gone, with the new one. */
function either(old: Access, next: Access): Access {
  return {
    ...old,
    sentinel: (place, limitMs) =>
      orElse(old.sentinel(place, limitMs), () => next.sentinel(place, limitMs)),
    server: (master, place, limitMs) =>
      orElse(old.server(master, place, limitMs), () => next.server(master, place, limitMs)),
  };
}

/** With a list of what it opened: none must be left open when something is missing. */
function keeping(access: Access, opened: Client[]): Access {
  const keep = async (opening: Promise<Client>): Promise<Client> => {
    const client = await opening;
    opened.push(client);
    return client;
  };
  return {
    ...access,
    sentinel: (place, limitMs) => keep(access.sentinel(place, limitMs)),
    server: (master, place, limitMs) => keep(access.server(master, place, limitMs)),
  };
}

async function orElse<T>(first: Promise<T>, second: () => Promise<T>): Promise<T> {
  try {
    return await first;
  } catch (error) {
    if (error instanceof Refusal && /WRONGPASS|invalid password/i.test(error.message)) {
      return await second();
    }
    throw error;
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + BACK_MS;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Refusal(what);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function print(output: Output, isJson: boolean, steps: readonly Step[]): number {
  const shown = steps.map(({ name, text, isDone }) => ({ name, text, done: isDone }));
  if (isJson) output.json({ steps: shown });
  else {
    const rows = steps.map(({ name, text, isDone }): Cell[] => [
      [isDone ? "done" : "to do", isDone ? "good" : "warning"],
      name,
      text,
    ]);
    output.lines(tableLines(output, rows, { indent: "" }));
  }
  return ACTED.done;
}
