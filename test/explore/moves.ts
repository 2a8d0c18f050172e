import { name } from "./facts.ts";
import { CRASH, OBEYED, REFUSED, RESTART, SAVE, SERVER_LOST, TICK, TIME } from "./inputs.ts";
import type { LocalInput, Message } from "./model.ts";
import type { Budget, Draft, Move, State, World } from "./world.ts";

type Emit = (what: () => string, change: (draft: Draft) => boolean | undefined) => void;

/** Everything that can happen next in a state, in an order that depends on nothing else. */
export function movesOf(world: World, state: State): Move[] {
  const moves: Move[] = [];
  const budget = world.budget(state);
  const emit: Emit = (what, change) => {
    const draft: Draft = { state: state.slice(), violation: null, told: [] };
    if (change(draft) === false) return;
    const { violation, told, state: next } = draft;
    moves.push({ what, next, violation, told });
  };
  for (const index of world.indices) {
    movesOfOne(world, state, budget, index, emit);
    for (const other of world.indices) {
      if (other !== index) movesBetween(world, state, budget, index, other, emit);
    }
    for (const server of world.serverIndices) {
      ordersTo(world, state, budget, index, server, emit);
    }
  }
  movesOfServers(world, state, budget, emit);
  return moves;
}

function movesOfOne(world: World, state: State, budget: Budget, index: number, emit: Emit): void {
  const { isRunning, isHolding, isFresh, attempts } = world.summary(state, index);
  const who = name(index);
  if (!isRunning) {
    emit(
      () => `${who} starts again`,
      (draft) => world.happen(draft, index, RESTART),
    );
    return;
  }
  if (isHolding) saves(world, budget, index, emit);
  if (budget.crashes > 0) {
    emit(
      () => `${who} crashes${isHolding ? " before its save" : ""}`,
      (draft) => {
        world.spend(draft.state, "crashes");
        crash(world, draft, index);
        return true;
      },
    );
  }
  if (budget.time > 0 && !isHolding) {
    emit(
      () => `time passes on ${who}`,
      (draft) => {
        world.spend(draft.state, "time");
        return world.happen(draft, index, TIME);
      },
    );
  }
  if (isFresh)
    emit(
      () => `${who} looks around`,
      (draft) => world.happen(draft, index, TICK),
    );
  if (budget.forced === 0) return;
  for (const [at, input] of world.operators.entries()) {
    const about = world.names[at] ?? "";
    if (attempts.includes(about)) continue;
    emit(
      () => `an operator says SENTINEL FAILOVER ${about} to ${who}`,
      (draft) => {
        world.spend(draft.state, "forced");
        return world.happen(draft, index, input);
      },
    );
  }
}

function saves(world: World, budget: Budget, index: number, emit: Emit): void {
  const who = name(index);
  emit(
    () => `${who} saves`,
    (draft) => world.happen(draft, index, SAVE.ok),
  );
  if (budget.failedSaves > 0) {
    emit(
      () => `${who} cannot save`,
      (draft) => {
        world.spend(draft.state, "failedSaves");
        return world.happen(draft, index, SAVE.fails);
      },
    );
  }
  if (budget.crashes > 0) {
    emit(
      () => `${who} saves and crashes`,
      (draft) => {
        world.spend(draft.state, "crashes");
        world.happen(draft, index, SAVE.crash);
        loseConnections(world, draft, index);
        return true;
      },
    );
  }
}

function crash(world: World, draft: Draft, index: number): void {
  world.happen(draft, index, CRASH);
  loseConnections(world, draft, index);
}

/**
 * Others notice at once: that they notice it later, and hear before what was under way, is the same as
 * that it crashed later.
 */
function loseConnections(world: World, draft: Draft, index: number): void {
  for (const other of world.indices) {
    if (other === index) continue;
    world.cut(draft, index, other, false);
    world.cut(draft, other, index, true);
  }
  for (const server of world.serverIndices) {
    draft.state[world.orders(index, server)] = 0;
  }
}

/** What is under way from one Sentinel to another, and what comes back. */
function movesBetween(
  world: World,
  state: State,
  budget: Budget,
  index: number,
  other: number,
  emit: Emit,
): void {
  const [there, back] = [world.there(index, other), world.back(index, other)];
  const [message, answer] = [world.first(state, there), world.first(state, back)];
  if (message && world.summary(state, other).isRunning) {
    emit(
      () => `${name(other)} hears ${describe(index, message)}`,
      (draft) => {
        world.shift(draft.state, there);
        return deliver(world, draft, index, other, message);
      },
    );
  }
  if (answer?.kind === "answer") {
    emit(
      () => `${name(index)} hears from ${name(other)}: ${shown(answer)}`,
      (draft) => {
        world.shift(draft.state, back);
        return deliver(world, draft, other, index, answer);
      },
    );
  }
  const isAwaited = world.summary(state, other).clients.includes(index);
  if (budget.resets > 0 && (message || answer || isAwaited)) {
    emit(
      () => `the connection of ${name(index)} to ${name(other)} is reset`,
      (draft) => {
        world.spend(draft.state, "resets");
        world.cut(draft, index, other, true);
        return true;
      },
    );
  }
}

function deliver(world: World, draft: Draft, from: number, to: number, message: Message): boolean {
  const input = inputOf(from, message);
  return input !== null && world.happen(draft, to, input);
}

const inputs = new WeakMap<Message, Map<number, LocalInput | null>>();

/** The same object for the same message, so that it is recognised at once. */
function inputOf(from: number, message: Message): LocalInput | null {
  const known = inputs.get(message) ?? new Map<number, LocalInput | null>();
  inputs.set(message, known);
  const before = known.get(from);
  if (before !== undefined) return before;
  const input = makeInput(from, message);
  known.set(from, input);
  return input;
}

function makeInput(from: number, message: Message): LocalInput | null {
  switch (message.kind) {
    case "ask":
      return { kind: "asked", from, args: message.args };
    case "hello":
      return { kind: "told", from, hello: message.text };
    case "answer":
      return { kind: "answered", by: from, reply: message.reply };
    default:
      return null;
  }
}

/** What a server was told and has not done yet. */
function ordersTo(
  world: World,
  state: State,
  budget: Budget,
  index: number,
  server: number,
  emit: Emit,
): void {
  const place = world.orders(index, server);
  const order = world.first(state, place);
  if (order?.kind !== "order") return;
  const what = `SLAVEOF ${order.slaveof.join(" ")} of ${name(index)}`;
  const who = `server ${server}`;
  const refused = world.servers(state)[server]?.refuses === true;
  emit(
    () => `${who} ${refused ? "refuses" : "does"} ${what}`,
    (draft) => {
      world.shift(draft.state, place);
      if (!refused) world.follow(draft.state, server, order.slaveof);
      return world.happen(draft, index, refused ? REFUSED(server) : OBEYED(server));
    },
  );
  if (budget.resets === 0) return;
  for (const isDone of [false, true]) {
    if (isDone && refused) continue;
    emit(
      () => `${who} ${isDone ? "does" : "never hears"} ${what}, and their connection is reset`,
      (draft) => {
        world.spend(draft.state, "resets");
        draft.state[place] = 0;
        if (isDone) world.follow(draft.state, server, order.slaveof);
        return world.happen(draft, index, SERVER_LOST(server));
      },
    );
  }
}

function movesOfServers(world: World, state: State, budget: Budget, emit: Emit): void {
  for (const [index, server] of world.servers(state).entries()) {
    const change = (draft: Draft, what: Partial<typeof server>) =>
      world.setServers(draft.state, (one, at) => (at === index ? { ...one, ...what } : one));
    if (budget.deaths > 0 && server.isAlive && server.follows === null) {
      emit(
        () => `server ${index} dies`,
        (draft) => {
          world.spend(draft.state, "deaths");
          change(draft, { isAlive: false });
          loseServer(world, draft, index);
          return true;
        },
      );
    }
    if (budget.refusals > 0 && server.isAlive && server.follows !== null && !server.refuses) {
      emit(
        () => `server ${index} refuses orders from now on`,
        (draft) => {
          world.spend(draft.state, "refusals");
          change(draft, { refuses: true });
          return true;
        },
      );
    }
  }
}

export function loseServer(world: World, draft: Draft, server: number): void {
  for (const index of world.indices) {
    draft.state[world.orders(index, server)] = 0;
    if (world.summary(draft.state, index).isRunning) {
      world.happen(draft, index, SERVER_LOST(server));
    }
  }
}

function describe(from: number, message: Message): string {
  const who = name(from);
  if (message.kind === "ask") return `${who} ask for its vote in epoch ${message.args[4]}`;
  if (message.kind !== "hello") return who;
  const [, , , epoch, about, host, , configEpoch] = message.text.split(",");
  return `a hello of ${who}: epoch ${epoch}, ${about} is ${host} in config epoch ${configEpoch}`;
}

function shown({ reply }: Message & { kind: "answer" }): string {
  if (reply.type !== "array") return reply.type;
  const [, leader, epoch] = reply.items;
  const id = leader?.type === "bulk" && leader.text !== "*" ? name(Number(leader.text) - 1) : "*";
  return `it voted for ${id} in ${epoch?.type === "integer" ? epoch.value : "?"}`;
}
