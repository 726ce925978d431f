import type { ServerResponse } from 'node:http';

/**
 * Ends the connection so that no client takes what it has for the whole: by a reset, since an HTTP/1.0 client (nginx
 * asks its upstreams so by default) reads a plain close as the proper end. Only bare TCP can be reset; under TLS the
 * missing close notification says the same.
 */
export function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket?.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  else response.destroy();
}
