import { explainEvent } from "../../src/explain/event.ts";
import type { Known } from "../../src/page/page.ts";
import type { PageEvent, Status } from "../../src/page/status.ts";
import { View } from "../../src/view/view.ts";
import type { SimCluster } from "../sim/cluster.ts";

const VERSIONS = { redis: "7.4.0", own: "1.2.3" };

/** What the page knows of one Sentinel of a simulated cluster, in the form that JSON has. */
export function knownOf(cluster: SimCluster, index = 0): Known {
  const { core, events, now } = cluster.sentinel(index);
  const view = new View(core.state, VERSIONS);
  const told = {
    schema: 1,
    sentinel: { ...view.sentinel(now), webhooks: [] },
    masters: view.masters(now),
  };
  const text = JSON.stringify(told, (_, value) =>
    typeof value === "bigint" ? Number(value) : value,
  );
  const heard = events.map(({ atMs, name, payload }, at): PageEvent => {
    const text = explainEvent(name, payload);
    return { id: `${at + 1}`, at: Math.round(atMs), name, payload, text };
  });
  return knownWith(JSON.parse(text), heard);
}

export function knownWith(status: Status, events: readonly PageEvent[] = []): Known {
  return {
    link: { kind: "live" },
    status,
    askedAt: 1_000,
    events,
    details: null,
    selected: null,
    filter: "",
    now: 1_000,
    space: { width: 1_000, em: 16 },
  };
}

export function masterIn({ status }: Known, name = "mymaster") {
  const master = status?.masters.find((one) => one.name === name);
  if (master === undefined) throw new Error(`no ${name}`);
  return master;
}
