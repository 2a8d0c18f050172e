import type { ClusterOptions } from "./cluster.ts";

const PASSWORD = "of the 'servers'";
const quoted = JSON.stringify(PASSWORD);

/** Servers and Sentinels that ask for passwords, of which one needs quotes. */
export const WITH_PASSWORDS = {
  redis: {
    credentials: { password: PASSWORD },
    config: [`requirepass ${quoted}`, `masterauth ${quoted}`],
  },
  sentinelCredentials: { password: "of-sentinels" },
  sentinelConfig: () => [
    `sentinel auth-pass mymaster ${quoted}`,
    "requirepass of-sentinels",
    "sentinel sentinel-pass of-sentinels",
  ],
} satisfies ClusterOptions;
