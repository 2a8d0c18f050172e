import type { Mutant } from "./mutant-list.ts";

/** Planned switches: what is held back, and until when. */
export const MUTANTS_OF_SWITCHES: readonly Mutant[] = [
  {
    name: "a planned switch does not wait for its target",
    file: "failover/coordinated/hear.js",
    from: "replOffset >= hold.frozen.offset",
    to: "true",
    test: "core/coordinated.test.ts",
  },
  {
    name: "a planned switch that is given up leaves the pause",
    file: "failover/coordinated/give-up.js",
    from: 'send(ctx, master, "release", ["CLIENT", "UNPAUSE"]);',
    to: ";",
    test: "core/coordinated.test.ts",
  },
  {
    name: "who voted for another since ends the pause that he needs",
    file: "failover/coordinated/give-up.js",
    from: 'coordinated?.method !== "fence" && isSuperseded(master, failover)',
    to: "false",
    test: "core/coordinated-pause.test.ts",
  },
  {
    name: "a pause that somebody ended counts",
    file: "failover/coordinated/hear.js",
    from: "if (moved === 0n || moved === REPLICATION_PING_BYTES)",
    to: "if (true)",
    test: "core/coordinated-pause.test.ts",
  },
  {
    name: "a promotion counts after the pause ran out",
    file: "failover/coordinated/deadlines.js",
    from: "return hold.demotion === null ? hold.until - marginMs : hold.until;",
    to: "return NEVER;",
    test: "core/coordinated.test.ts",
  },
  {
    name: "the old master need not hear of the new one in time",
    file: "failover/coordinated/hand-over.js",
    from: "hold.demotion = demote(",
    to: "hold.isDemoted = true; hold.demotion = demote(",
    test: "core/coordinated-pause.test.ts",
  },
  {
    name: "the old master goes on until the new one is on disk",
    file: "failover/await-promotion.js",
    from: "if (demoteFirst(ctx, master, failover))",
    to: "if (false)",
    test: "core/coordinated-pause.test.ts",
  },
  {
    name: "a hello is published to a master that holds writes back",
    file: "periodic.js",
    from: 'if (instance.kind === "master" && holdsWrites(instance))',
    to: "if (false)",
    test: "core/coordinated-pause.test.ts",
  },
  {
    name: "a fence is put up before its old value is on disk",
    file: "failover/coordinated/fence.js",
    from: 'if (plan.fencing.step !== "kept")',
    to: 'if (plan.fencing.step === "asked")',
    test: "core/fence.test.ts",
  },
  {
    name: "a fence is not taken away by itself",
    file: "failover/coordinated/fences.js",
    from: "else if (present.isOn)",
    to: "else if (false)",
    test: "core/fence.test.ts",
  },
  {
    name: "writes that passed a fence do not count",
    file: "failover/coordinated/hear.js",
    from: "changes === frozen?.changes",
    to: "true",
    test: "core/fence.test.ts",
  },
  {
    name: "an old master of two names takes writes while its replacement is saved",
    file: "namesakes.js",
    from: ".some((other) => !movesAlong(",
    to: ".some((other) => true || movesAlong(",
    test: "core/coordinated-pause.test.ts",
  },
];
