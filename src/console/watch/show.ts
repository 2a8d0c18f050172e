import { DEFAULT_LAG_LIMITS } from "../../quorum/judgement.ts";
import type { Access } from "../connect/access.ts";
import type { Output } from "../output.ts";
import { type Line, withLine } from "./event.ts";
import { frameLines } from "./frame.ts";
import { type Incident, withEvent } from "./incident.ts";
import { Screen } from "./screen.ts";
import { Watching } from "./watching.ts";

const EVENTS = 15;
/** Who has ended it waits no longer for what is still being asked. */
const LINGER_MS = 500;
const KEYS_TO_END = ["q", "Q", "\u0003", "\u001b"];

/** Draws what is watched until a key or a signal ends it. */
export async function showOn(
  output: Output,
  access: Access,
  name: string | null,
  interrupted: AbortSignal,
): Promise<void> {
  const screen = new Screen(output.terminal);
  const ended = new AbortController();
  interrupted.addEventListener("abort", () => ended.abort());
  let lines: readonly Line[] = [];
  let incident: Incident | null = null;
  const draw = () => {
    const { picture, staleMs, heardCount } = watching;
    if (picture === null) return;
    const seen = { picture, staleMs, incident, lines, heard: heardCount };
    screen.draw(frameLines(output, seen, DEFAULT_LAG_LIMITS, screen.rows));
  };
  const watching = new Watching(access, name, (heard) => {
    lines = withLine(lines, heard, EVENTS);
    incident = withEvent(incident, heard, performance.now());
    draw();
  });
  let isEntered = false;
  const onPicture = () => {
    // Only now: what goes wrong before belongs on the user's own screen.
    if (!isEntered) screen.enter((key) => KEYS_TO_END.includes(key) && ended.abort());
    isEntered = true;
    draw();
  };
  process.stdout.on("resize", draw);
  try {
    await watching.run(ended.signal, onPicture);
  } finally {
    process.stdout.off("resize", draw);
    screen.leave();
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}
