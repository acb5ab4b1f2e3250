/**
 * How many of the latest outcomes were trouble: counts over a span of time that slides in tenths, so that noting and asking
 * cost the same however much happens.
 */
const PARTS = 10;

interface Part {
  /** Which tenth of the clock's time it counts. */
  tenth: number;
  all: number;
  troubles: number;
}

export class OutcomeWindow {
  readonly #partMs: number;
  readonly #parts: readonly Part[] = Array.from({ length: PARTS }, () => ({
    tenth: -1,
    all: 0,
    troubles: 0,
  }));
  #troublesInARow = 0;

  constructor(windowMs: number) {
    if (!(windowMs > 0)) throw new RangeError(`windowMs is ${windowMs}: it must be above 0`);
    this.#partMs = windowMs / PARTS;
  }

  get troublesInARow(): number {
    return this.#troublesInARow;
  }

  note(isTrouble: boolean, nowMs: number): void {
    const tenth = Math.floor(nowMs / this.#partMs);
    const part = this.#parts[tenth % PARTS];
    if (part === undefined) throw new RangeError(`no part for ${nowMs} ms`);
    if (part.tenth !== tenth) Object.assign(part, { tenth, all: 0, troubles: 0 });
    part.all += 1;
    if (isTrouble) part.troubles += 1;
    this.#troublesInARow = isTrouble ? this.#troublesInARow + 1 : 0;
  }

  counts(nowMs: number): { readonly all: number; readonly troubles: number } {
    const oldest = Math.floor(nowMs / this.#partMs) - PARTS + 1;
    let all = 0;
    let troubles = 0;
    for (const part of this.#parts) {
      if (part.tenth < oldest) continue;
      all += part.all;
      troubles += part.troubles;
    }
    return { all, troubles };
  }

  clear(): void {
    for (const part of this.#parts) part.tenth = -1;
    this.#troublesInARow = 0;
  }
}
