import type { QuorumPicture } from "../picture.ts";
import { nameOf } from "../place.ts";
import type { CheckLimits, Finding, Unchecked } from "./codes.ts";
import { masterFindings } from "./of-master.ts";
import { groupFindings, sentinelFindings } from "./of-sentinels.ts";
import { type ServerTold, serverFindings } from "./of-servers.ts";

/** All that is found: the worst first, of one master together. */
export function findingsOf(
  { asked, masters }: QuorumPicture,
  servers: readonly ServerTold[],
  limits: CheckLimits,
): Finding[] {
  const found = [
    ...sentinelFindings(asked),
    ...masters.flatMap((picture) => [
      ...groupFindings(picture, limits),
      ...masterFindings(picture, limits),
      ...serverFindings(servers.filter(({ master }) => master === picture.name)),
    ]),
  ];
  const rank = ({ code, severity }: Finding) =>
    code === "MASTER_DOWN" ? 0 : severity === "critical" ? 1 : 2;
  return found.sort((a, b) => rank(a) - rank(b));
}

/** What could not be looked at. */
export function uncheckedOf({ asked }: QuorumPicture, servers: readonly ServerTold[]): Unchecked[] {
  const sentinels = asked.flatMap(({ place, told }) => {
    if (!told.ok) return [{ what: `Sentinel ${nameOf(place)}`, why: told.error }];
    return told.value.masters.flatMap(({ name, refused }) =>
      refused.map((why) => ({ what: `what Sentinel ${nameOf(place)} knows of ${name}`, why })),
    );
  });
  const ofServers = servers.flatMap((one) =>
    one.error === null ? one.unchecked : [{ what: `server ${nameOf(one)}`, why: one.error }],
  );
  return [...sentinels, ...ofServers];
}
