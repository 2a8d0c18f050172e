/** A file of the page. It says nothing of this Sentinel, so everybody may have it. */
interface Asset {
  readonly type: string;
  readonly body: string;
}

const INDEX = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sentinel</title>
<h1>A Redis Sentinel</h1>
<ul>
<li><a href="/status">/status</a> what it knows, as JSON
<li><a href="/events">/events</a> what happens, as it happens
<li><a href="/metrics">/metrics</a> for Prometheus
</ul>
`;

/** By path. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["/", { type: "text/html; charset=utf-8", body: INDEX }],
]);
