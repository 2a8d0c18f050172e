import type { Context } from "../core/context.ts";
import { quorumOf } from "../core/failover/quorum.ts";
import { nextAttemptAt } from "../core/failover/start.ts";
import { whyDown } from "../core/journal/facts.ts";
import type { MasterSettings } from "../core/master-settings.ts";
import { currentAddress } from "../core/records.ts";
import { chancesOf } from "../core/select-replica.ts";
import type { Epoch, Failover, Master, Millis } from "../core/state.ts";
import { ageOf, OfPeer, OfReplica, OfServer, placeOf, voteOf } from "./instances.ts";
import type {
  FailoverView,
  MasterSettingsView,
  MasterView,
  PeerView,
  Place,
  QuorumView,
  ReplicaView,
  VoteView,
} from "./types.ts";

export class OfMaster extends OfServer implements MasterView {
  readonly name: string;
  readonly clientsGoTo: Place;
  readonly configEpoch: Epoch;
  readonly objectivelyDownMs: Millis | null;
  readonly downReason: string | null;
  readonly nextAttemptMs: Millis;
  readonly lacksReplica: boolean;
  readonly failover: FailoverView | null;
  readonly pause: MasterView["pause"];
  readonly vote: VoteView;
  readonly quorum: QuorumView;
  readonly settings: MasterSettingsView;
  readonly replicas: readonly ReplicaView[];
  readonly sentinels: readonly PeerView[];

  constructor(ctx: Context, master: Master) {
    super(ctx, master);
    const { failover, leader, leaderEpoch, odown, odownSince } = master;
    this.name = master.name;
    this.clientsGoTo = placeOf(ctx, currentAddress(master));
    this.configEpoch = master.configEpoch;
    this.objectivelyDownMs = odown ? ageOf(ctx, odownSince) : null;
    this.downReason = master.sdown ? whyDown(ctx, master) : master.link.trouble;
    this.nextAttemptMs = Math.max(0, nextAttemptAt(ctx, master) - ctx.now);
    this.lacksReplica = master.lackedReplicaAt !== null;
    this.failover = failover === null ? null : viewFailover(ctx, failover);
    this.pause = viewPause(ctx, master);
    this.vote = voteOf(leader, leaderEpoch);
    this.quorum = viewQuorum(ctx, master);
    this.settings = viewSettings(master.settings);
    this.replicas = viewReplicas(ctx, master);
    this.sentinels = viewPeers(ctx, master);
  }
}

function viewReplicas(ctx: Context, master: Master): ReplicaView[] {
  const { chosen, unfit } = chancesOf(ctx, master);
  const replicas: ReplicaView[] = [];
  for (const one of master.replicas.values()) {
    replicas.push(new OfReplica(ctx, one, unfit.get(one) ?? null, one === chosen));
  }
  return replicas;
}

function viewPeers(ctx: Context, { sentinels }: Master): PeerView[] {
  const peers: PeerView[] = [];
  for (const one of sentinels.values()) peers.push(new OfPeer(ctx, one));
  return peers;
}

function viewQuorum(ctx: Context, master: Master): QuorumView {
  return { needed: master.settings.quorum, ...quorumOf(ctx, master) };
}

function viewPause({ now }: Context, { pause }: Master): MasterView["pause"] {
  if (pause === null || pause.until <= now) return null;
  return { leftMs: pause.until - now, reason: pause.reason };
}

function viewFailover(ctx: Context, failover: Failover): FailoverView {
  const { step, epoch, forced, settles, promoted } = failover;
  return {
    step,
    stepMs: ctx.now - failover.stepSince,
    epoch,
    epochMs: ctx.now - failover.epochSince,
    electedMs: step === "wait_start" ? null : ctx.now - failover.selectingSince,
    isForced: forced,
    isCoordinated: failover.coordinated !== null,
    settles,
    isWaitingForReplica: failover.isWaitingForReplica,
    promoted: promoted === null ? null : placeOf(ctx, promoted.address),
  };
}

/** Settings are never changed, so neither is what is told of them. */
const TOLD = new WeakMap<MasterSettings, MasterSettingsView>();

function viewSettings(settings: MasterSettings): MasterSettingsView {
  const known = TOLD.get(settings);
  if (known !== undefined) return known;
  const { authPass, renamedCommands: _, ...rest } = settings;
  const view = Object.freeze({ ...rest, hasAuthPass: (authPass ?? "") !== "" });
  TOLD.set(settings, view);
  return view;
}
