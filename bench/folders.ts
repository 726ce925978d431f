import { fileURLToPath } from 'node:url';

/** The project's folder; the bench runs compiled, from `dist/bench`. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The private package that brings the peers. */
export const PEERS_FOLDER = `${PROJECT_FOLDER}/bench/peers`;

/** The bundler that the build has brought. */
export const BUNDLER = `${PROJECT_FOLDER}/.ci/bundle/node_modules/esbuild/bin/esbuild`;
