/** What is done against data that would be lost [D-REBORN]. */
export interface Guards {
  /** A master that came back without the data that its replicas still hold. */
  readonly reborn: "off" | "warn" | "failover";
}

export const DEFAULT_GUARDS: Guards = { reborn: "failover" };
