/** Returns by how much a counter rose. One that fell has started again from 0, as PromQL's `increase` takes it. */
export function increase(before: number, after: number): number {
  return after >= before ? after - before : after;
}
