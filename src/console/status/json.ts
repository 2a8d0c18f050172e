import { textOf } from "../../base/bytes.ts";
import type { Judged } from "../../quorum/judgement.ts";
import type { ReplicaPicture, SentinelPicture, ServerPicture } from "../../quorum/picture.ts";
import type { Asked } from "../../quorum/sight.ts";

/** For programs; docs/status.schema.json says what each field is. Names are text: JSON escapes what must be. */
export function statusJson(asked: readonly Asked[], judged: readonly Judged[]): object {
  return {
    status:
      judged.length === 0
        ? 3
        : judged.reduce((worst, { judgement }) => Math.max(worst, judgement.severity), 0),
    asked: asked.map(({ place, isNamed, told }) => ({
      ...placeJson(place),
      named: isNamed,
      error: told.ok ? null : told.error,
    })),
    masters: judged.map(masterJson),
  };
}

function masterJson({ picture, judgement }: Judged): object {
  const {
    witness: { sight },
    known,
    usable,
    majority,
    master,
  } = picture;
  return {
    name: textOf(picture.name),
    ...serverJson(master),
    state: judgement.word,
    severity: judgement.severity,
    troubles: judgement.troubles.map(({ severity, text }) => ({ severity, text: textOf(text) })),
    configEpoch: sight.configEpoch,
    failoverState: sight.failoverState,
    pausedMs: sight.pause?.leftMs ?? null,
    quorum: { needed: sight.quorum, known, usable, majority },
    settings: {
      downAfterMs: sight.downAfterMs,
      failoverTimeoutMs: sight.failoverTimeoutMs,
      parallelSyncs: sight.parallelSyncs,
    },
    lastFailover: picture.lastFailover,
    replicas: picture.replicas.map(replicaJson),
    sentinels: picture.sentinels.map(sentinelJson),
  };
}

function serverJson({ host, port, downMs, facts }: ServerPicture): object {
  return {
    ...placeJson({ host, port }),
    downMs,
    version: facts?.version ?? null,
    keys: facts?.report.keys ?? null,
    history: facts?.report.history?.id ?? null,
    offset: facts?.report.history?.offset ?? null,
    infoMs: facts?.ageMs ?? null,
  };
}

function replicaJson(replica: ReplicaPicture): object {
  return {
    ...serverJson(replica),
    fit: replica.unfit === null,
    unfitReason: replica.unfit,
    next: replica.isNext,
    lagBytes: replica.lagBytes,
    priority: replica.sight.priority,
    announced: replica.sight.isAnnounced,
  };
}

function sentinelJson(sentinel: SentinelPicture): object {
  const { id, program, sight, error, downMs, isNamed, isTilt, saveTrouble, hookTrouble } = sentinel;
  return {
    ...placeJson(sentinel),
    ...{ id, error, downMs, named: isNamed, tilt: isTilt, saveTrouble },
    program: program?.text ?? null,
    ours: program?.isOurs ?? null,
    says:
      sight === null
        ? null
        : { ...placeJson(sight), configEpoch: sight.configEpoch, masterDownMs: sight.downMs },
    webhookTrouble: hookTrouble,
  };
}

function placeJson({ host, port }: { readonly host: string; readonly port: number }): object {
  return { host: textOf(host), port };
}
