import { Scene } from "../support/scene.ts";
import { Farm } from "./farm/farm.ts";

const living = new Set<Scene>();

/** What the body starts ends with it; when it fails, the processes' last words are in the error. */
export async function withScene<T>(body: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = new Scene();
  living.add(scene);
  try {
    return await body(scene);
  } catch (error) {
    throw new Error(`${String(error)}\n${scene.describe()}`, { cause: error });
  } finally {
    await scene.cleanUp();
    living.delete(scene);
  }
}

export async function withFarm<T>(
  groups: number,
  body: (scene: Scene, farm: Farm) => Promise<T>,
): Promise<T> {
  return await withScene(async (scene) => {
    const farm = await Farm.start(scene, groups);
    try {
      return await body(scene, farm);
    } finally {
      await farm.stop();
    }
  });
}

/** An interrupted suite leaves nothing behind. The farm ends by itself with this process. */
export function cleanUpOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      const ends = [...living].map((scene) => scene.cleanUp());
      void Promise.allSettled(ends).then(() => process.exit(130));
    });
  }
}
