import { ROOT } from "./run.ts";
import { writeShare } from "./share.ts";

// A part of `npm run build`.

writeShare(ROOT, new Date());
