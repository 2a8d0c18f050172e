import { Scene } from "../support/scene.ts";

const open = new Set<Scene>();
let listening = false;

/** What the body starts ends with it, or with a signal to this process. */
export async function inScene<T>(body: (scene: Scene) => Promise<T>): Promise<T> {
  endOnSignals();
  const scene = new Scene();
  open.add(scene);
  try {
    return await body(scene);
  } catch (error) {
    process.stderr.write(`${scene.describe()}\n`);
    throw error;
  } finally {
    open.delete(scene);
    await scene.cleanUp();
  }
}

function endOnSignals(): void {
  if (listening) return;
  listening = true;
  const end = (): void => {
    const scenes = [...open];
    // The signal often comes twice, from the terminal and from npm.
    open.clear();
    if (scenes.length === 0) return;
    const cleaned = Promise.allSettled(scenes.map((scene) => scene.cleanUp()));
    void cleaned.then(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
}
