/**
 * The window: how much of a pipeline's work may be unfinished at once, in records and in bytes. A credit is taken when
 * a record is admitted and given back when it is settled and nothing of it runs any more. Memory follows from it.
 *
 * It may be resized while it runs. After a shrink `free` is below zero until enough has been settled; nobody is evicted.
 */
export interface WindowLimits {
  readonly credits: number;
  readonly bytes: number;
}

export const DEFAULT_WINDOW: WindowLimits = { credits: 256, bytes: 64 * 1024 * 1024 };

const whole = (name: string, value: number): number => {
  if (!(value >= 1)) throw new RangeError(`a window needs at least 1 of its ${name}, not ${value}`);
  return Math.floor(value);
};

export class Window {
  #limits: WindowLimits;
  #records = 0;
  #bytes = 0;
  readonly #onFree: () => void;

  /** `onFree` is called whenever there is more room than before. */
  constructor(limits: WindowLimits, onFree: () => void) {
    this.#limits = { credits: whole("credits", limits.credits), bytes: whole("bytes", limits.bytes) };
    this.#onFree = onFree;
  }

  get limits(): WindowLimits {
    return this.#limits;
  }

  get inFlight(): number {
    return this.#records;
  }

  get bytesInFlight(): number {
    return this.#bytes;
  }

  get freeRecords(): number {
    return this.#bytes >= this.#limits.bytes ? 0 : this.#limits.credits - this.#records;
  }

  get freeBytes(): number {
    return this.#limits.bytes - this.#bytes;
  }

  take(bytes: number): void {
    this.#records += 1;
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    if (this.#records === 0) throw new Error("a credit was given back that nobody had taken");
    this.#records -= 1;
    this.#bytes -= bytes;
    this.#onFree();
  }

  resize(limits: Partial<WindowLimits>): void {
    this.#limits = {
      credits: whole("credits", limits.credits ?? this.#limits.credits),
      bytes: whole("bytes", limits.bytes ?? this.#limits.bytes),
    };
    this.#onFree();
  }
}
