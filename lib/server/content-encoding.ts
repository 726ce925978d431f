/** The encodings that a scrape can be sent in, besides as it is. */
export type ContentEncoding = 'gzip' | 'zstd';

/**
 * Returns the encoding that answers an `Accept-Encoding` header, of those that are `available`, the earlier first where the
 * client does not mind; undefined to send the body as it is, also where the client forbids that and takes nothing else
 * that there is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function contentEncodingOf(
  acceptEncoding: string | undefined,
  available: readonly ContentEncoding[],
): ContentEncoding | undefined {
  const qualities = new Map<string, number>();
  for (const part of acceptEncoding?.split(',') ?? []) {
    const [name = '', parameter = ''] = part.split(';');
    const [, quality = '1'] = /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter) ?? [];
    qualities.set(name.trim().toLowerCase(), Number(quality));
  }
  let best: ContentEncoding | undefined;
  let bestQuality = 0;
  for (const encoding of available) {
    const quality = qualities.get(encoding) ?? qualities.get('*') ?? 0;
    if (quality > bestQuality && quality >= (qualities.get('identity') ?? 0)) {
      best = encoding;
      bestQuality = quality;
    }
  }
  return best;
}
