import type { Context } from "./context.ts";
import { tellPeers } from "./greet.ts";

/** What was asked for is on disk now: it comes into effect, all of it [D-LIVE-SETTINGS]. */
export function useLiveSettings(ctx: Context): void {
  const { state } = ctx;
  if (state.live === state.liveInUse) return;
  const password = state.live.get("requirepass");
  const isNew = password !== state.liveInUse.get("requirepass");
  state.liveInUse = state.live;
  ctx.effects.push({ type: "configure", settings: state.live });
  if (password === undefined || !isNew) return;
  state.settings.requirepass = password || null;
  tellPeers(ctx);
}
