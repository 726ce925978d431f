import type { IncomingMessage, Server } from 'node:http';

/**
 * Sees upgrades, for which Node publishes nothing. A server with a listener for them hands over every request that asks for
 * one, so a server gets ours only while it has one of its own.
 */
export class UpgradeListeners {
  readonly #servers = new Map<Server, () => void>();
  readonly #onUpgrade: (request: IncomingMessage) => void;

  constructor(onUpgrade: (request: IncomingMessage) => void) {
    this.#onUpgrade = onUpgrade;
  }

  /** Looks at a server that has a new connection. */
  watch(server: Server | undefined): void {
    if (server === undefined || this.#servers.has(server) || server.listenerCount('upgrade') === 0) return;
    const leave = (): void => {
      this.#servers.delete(server);
      server.off('upgrade', this.#onUpgrade);
      server.off('removeListener', onRemoved);
      server.off('close', leave);
    };
    const onRemoved = (event: string | symbol): void => {
      if (event === 'upgrade' && server.listenerCount('upgrade') === 1) leave();
    };
    this.#servers.set(server, leave);
    server.prependListener('upgrade', this.#onUpgrade);
    server.on('removeListener', onRemoved);
    server.on('close', leave);
  }

  /** Removes all listeners. */
  stop(): void {
    for (const leave of [...this.#servers.values()]) leave();
  }
}
