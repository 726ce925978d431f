import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PEERS_FOLDER } from './folders.ts';

/** Says whether the private package of the peers and the bundler is installed. */
export function hasPeers(): boolean {
  return existsSync(`${PEERS_FOLDER}/node_modules`);
}

/** Installs the private package in its own folder, unless it is there. */
export function installPeers(): void {
  if (hasPeers()) return;
  const install = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', install, { cwd: PEERS_FOLDER, stdio: 'inherit' });
}
