import type { IncomingMessage, Server } from 'node:http';

/** The listeners of all instances: a server that has only these takes no upgrades. */
const own = new WeakSet<object>();

/**
 * Sees upgrades, for which Node publishes nothing. A server with a listener for them hands over every request that asks for
 * one, so a server gets ours only while it has one of its own.
 */
export class UpgradeListeners {
  readonly #servers = new Map<Server, () => void>();
  readonly #onUpgrade: (request: IncomingMessage) => void;

  constructor(onUpgrade: (request: IncomingMessage) => void) {
    this.#onUpgrade = onUpgrade;
    own.add(onUpgrade);
  }

  /** Looks at a server that has a new connection. */
  watch(server: Server | undefined): void {
    if (server === undefined || this.#servers.has(server) || !takesUpgrades(server)) return;
    const leave = (): void => {
      this.#servers.delete(server);
      server.off('upgrade', this.#onUpgrade);
      server.off('removeListener', onRemoved);
      server.off('close', leave);
    };
    const onRemoved = (event: string | symbol): void => {
      if (event === 'upgrade' && !takesUpgrades(server)) leave();
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

function takesUpgrades(server: Server): boolean {
  return server.rawListeners('upgrade').some((listener) => !own.has(listener));
}
