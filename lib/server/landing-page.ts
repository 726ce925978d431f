import type { RequestHandler } from './request-handler.ts';
import { send } from './responses.ts';

/** Answers with a page that links what the server serves. It asks for nothing else and holds no script. */
export const landingPage: RequestHandler = (request, response) => {
  send(request, response, { status: 200, contentType: 'text/html; charset=utf-8', body: PAGE });
};

// The links are relative, so that they hold behind a proxy that serves the page under a prefix. The empty icon spares
// the request for /favicon.ico.
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Metrics</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
dt { margin-top: 1rem; font-family: ui-monospace, monospace; }
dd { margin: 0; }
</style>
</head>
<body>
<main>
<h1>Metrics</h1>
<p>This process exposes its metrics to Prometheus.</p>
<dl>
<dt><a href="metrics">/metrics</a></dt>
<dd>All metrics, in the format that the scraper asks for.</dd>
<dt><a href="health">/health</a></dt>
<dd>Liveness: whether the process works, check by check.</dd>
<dt><a href="ready">/ready</a></dt>
<dd>Readiness: whether the process can take work, check by check.</dd>
</dl>
</main>
</body>
</html>
`;
