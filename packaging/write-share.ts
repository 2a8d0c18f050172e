import { writePage } from "./page.ts";
import { ROOT } from "./run.ts";
import { writeShare } from "./share.ts";

// A part of `npm run build`.

writeShare(ROOT, new Date());
await writePage(ROOT);
