import { shownHost } from "../core/address.ts";
import { flags } from "../core/commands/instance-fields.ts";
import type { Context } from "../core/context.ts";
import { dissentOf } from "../core/records.ts";
import type {
  Address,
  Epoch,
  Instance,
  Millis,
  PeerSentinel,
  RedisInstance,
  Replica,
  Role,
  RunId,
} from "../core/state.ts";
import type { InstanceView, PeerView, Place, ReplicaView, ServerView, VoteView } from "./types.ts";
import { versionOf } from "./version.ts";

// Classes for their speed: to spread what they share into thousands of literals took hundreds of milliseconds.

class OfInstance implements InstanceView {
  readonly host: string;
  readonly port: number;
  readonly flags: readonly string[];
  readonly downMs: Millis | null;
  readonly answeredMs: Millis;
  readonly trouble: string | null;

  constructor(ctx: Context, instance: Instance) {
    const { address, sdown, sdownSince, link } = instance;
    this.host = shownHost(ctx.state.settings, address);
    this.port = address.port;
    this.flags = flagList(flags(instance));
    this.downMs = sdown ? ageOf(ctx, sdownSince) : null;
    this.answeredMs = ctx.now - link.lastValidPongAt;
    this.trouble = link.trouble;
  }
}

/** Few combinations occur: each is taken apart once. */
function flagList(text: string): readonly string[] {
  const known = FLAG_LISTS.get(text);
  if (known !== undefined) return known;
  const list = Object.freeze(text.split(","));
  FLAG_LISTS.set(text, list);
  return list;
}

const FLAG_LISTS = new Map<string, readonly string[]>();

export class OfServer extends OfInstance implements ServerView {
  readonly runId: RunId | null;
  readonly version: string | null;
  readonly infoMs: Millis | null;
  readonly role: Role | null;
  readonly roleMs: Millis;
  readonly offset: bigint;
  readonly history: string | null;
  readonly isLoading: boolean;

  constructor(ctx: Context, server: RedisInstance) {
    super(ctx, server);
    this.runId = server.runId;
    this.version = versionOf(server.infoText);
    this.infoMs = ageOf(ctx, server.infoAt);
    this.role = server.roleReported;
    this.roleMs = ctx.now - server.roleReportedSince;
    this.offset = server.replOffset;
    this.history = server.history?.id ?? null;
    this.isLoading = server.isLoading;
  }
}

export class OfReplica extends OfServer implements ReplicaView {
  readonly follows: Place | null;
  readonly isLinkUp: boolean;
  readonly linkDownMs: Millis | null;
  readonly priority: number;
  readonly lagBytes: bigint | null;
  readonly isSyncing: boolean;
  readonly unfitReason: string | null;
  readonly isNext: boolean;

  constructor(ctx: Context, replica: Replica, unfitReason: string | null, isNext: boolean) {
    super(ctx, replica);
    const { upstreamHost, upstreamPort, upstreamLinkUp, masterLinkDownMs, infoAt } = replica;
    const isDown = infoAt !== null && !upstreamLinkUp && masterLinkDownMs >= 0;
    this.follows = upstreamHost === null ? null : { host: upstreamHost, port: upstreamPort };
    this.isLinkUp = upstreamLinkUp;
    this.linkDownMs = isDown ? masterLinkDownMs : null;
    this.priority = replica.priority;
    this.lagBytes = lagOf(replica);
    this.isSyncing = replica.isSyncing;
    this.unfitReason = unfitReason;
    this.isNext = isNext;
  }
}

/** Offsets compare within one history only. */
export function lagOf({ master, infoAt, history, replOffset }: Replica): bigint | null {
  const isKnown = infoAt !== null && master.infoAt !== null;
  if (!isKnown || history?.id !== master.history?.id) return null;
  return replOffset < master.replOffset ? master.replOffset - replOffset : 0n;
}

export class OfPeer extends OfInstance implements PeerView {
  readonly runId: RunId;
  readonly helloMs: Millis;
  readonly configEpoch: Epoch | null;
  readonly says: PeerView["says"];
  readonly vote: VoteView;
  readonly names: PeerView["names"];
  readonly refusal: string | null;
  readonly isOurs: boolean | null;

  constructor(ctx: Context, peer: PeerSentinel) {
    super(ctx, peer);
    const { asked, masterDown, lastDownReplyAt, leader, leaderEpoch } = peer;
    this.runId = peer.runId;
    this.helloMs = ctx.now - peer.lastHelloAt;
    this.configEpoch = peer.saidConfigEpoch;
    this.says = asked === null ? null : { isDown: masterDown, ms: ctx.now - lastDownReplyAt };
    this.vote = voteOf(leader, leaderEpoch);
    this.names = namedBy(ctx, peer);
    this.refusal = peer.refusal;
    this.isOurs = peer.link.isOurs;
  }
}

function namedBy(ctx: Context, peer: PeerSentinel): PeerView["names"] {
  const dissent = dissentOf(peer);
  if (dissent === null) return null;
  return { ...placeOf(ctx, dissent.address), forMs: ctx.now - dissent.since };
}

export function voteOf(leader: RunId | null, epoch: Epoch): VoteView {
  return { leader, epoch };
}

export function placeOf({ state }: Context, address: Address): Place {
  return { host: shownHost(state.settings, address), port: address.port };
}

export function ageOf({ now }: Context, at: Millis | null): Millis | null {
  return at === null ? null : now - at;
}
