let copies = 0;

/** Imports a module of lib, such as `exposition/memory`, once more: as a new process has it, with nothing that it has kept. */
export async function freshModule<M>(path: string): Promise<M> {
  return (await import(`${new URL(`../../lib/${path}.js`, import.meta.url)}?copy=${++copies}`)) as M;
}
