import { element } from './element.ts';

/** What `/metrics` can be had in, besides what a browser gets from its link. */
const FORMATS = [
  { title: 'text 1.0.0', accept: 'text/plain;version=1.0.0;escaping=allow-utf-8', isText: true },
  { title: 'OpenMetrics', accept: 'application/openmetrics-text;version=1.0.0', isText: true },
  {
    title: 'protobuf',
    accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    isText: false,
  },
] as const;

/**
 * Adds a button for each format, which opens the metrics in it, or saves them if that is no text. A link cannot do it:
 * the server goes by the Accept header, which browsers set themselves.
 */
export function addFormatButtons(parent: HTMLElement, url: string): void {
  for (const { title, accept, isText } of FORMATS) {
    const button = element('button', '', title);
    button.type = 'button';
    button.addEventListener('click', () => {
      // Where it fails, the page shows the same failure for its own scrapes.
      open(url, accept, isText).catch(() => undefined);
    });
    parent.append(button);
  }
}

async function open(url: string, accept: string, isText: boolean): Promise<void> {
  const response = await fetch(url, { headers: { accept } });
  const type = isText ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  const link = element('a', '');
  link.href = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type }));
  if (isText) link.target = '_blank';
  else link.download = 'metrics.pb';
  link.click();
  // The new tab needs it until it has loaded; it goes with the page at the latest.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
