import type { LocalInput } from "./model.ts";

// One object for each input that has no text, by which it is recognised at once.

export const RESTART = { kind: "restart" } as const;
export const CRASH = { kind: "crash" } as const;
export const TIME = { kind: "time" } as const;
export const TICK = { kind: "tick" } as const;
export const SAVE = {
  ok: { kind: "save", outcome: "ok" },
  fails: { kind: "save", outcome: "fails" },
  crash: { kind: "save", outcome: "crash" },
} as const;
export const SERVER_LOST = numbered((server) => ({ kind: "server-lost", server }));
export const OBEYED = numbered((server) => ({ kind: "obeyed", server, refused: false }));
export const REFUSED = numbered((server) => ({ kind: "obeyed", server, refused: true }));
export const CUT_OFF = numbered((from) => ({ kind: "cut-off", from }));
export const LEFT = numbered((by) => ({ kind: "left", by }));

function numbered(make: (number: number) => LocalInput): (number: number) => LocalInput {
  const made: LocalInput[] = [];
  return (number) => {
    made[number] ??= make(number);
    return made[number];
  };
}
