import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PEERS_FOLDER } from './folders.ts';

/** Installs the private package of the peers in its own folder, unless it is there. */
export function installPeers(): void {
  if (existsSync(`${PEERS_FOLDER}/node_modules`)) return;
  const install = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', install, { cwd: PEERS_FOLDER, stdio: 'inherit' });
}
