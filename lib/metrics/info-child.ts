import { Child } from './child.ts';

/** One series of an info: its labels are what it says, and its value is always 1. */
export class InfoChild extends Child {
  get value(): number {
    return 1;
  }

  override reset(): void {}

  /** Nobody can hold a child of an info, so none comes back by an update. */
  override get isUpdated(): boolean {
    return false;
  }

  override giveTo(): boolean {
    return false;
  }
}
