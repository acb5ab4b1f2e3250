/**
 * The bills of a proof, admitted as they are needed: a run is opened while somebody waits for work and little of it is left. So a proof
 * has work at every step of it, however fast or slow the machine is; what no step has needed is admitted at the end.
 */
export class Supply {
  readonly #isLittleLeft: () => Promise<boolean>;
  #waiting = 0;
  #takesAll = 0;

  constructor(isLittleLeft: () => Promise<boolean>) {
    this.#isLittleLeft = isLittleLeft;
  }

  /** Whether another run is wanted. */
  readonly wanted = async (): Promise<boolean> =>
    this.#takesAll > 0 || (this.#waiting > 0 && (await this.#isLittleLeft()));

  /** There is something to send for as long as this is waited for, unless all of it was admitted. */
  async whileWaiting<Found>(wait: () => Promise<Found>): Promise<Found> {
    this.#waiting += 1;
    try {
      return await wait();
    } finally {
      this.#waiting -= 1;
    }
  }

  /** There is a run for as long as this is waited for, unless all was admitted. */
  async withRuns<Found>(wait: () => Promise<Found>): Promise<Found> {
    this.#takesAll += 1;
    try {
      return await wait();
    } finally {
      this.#takesAll -= 1;
    }
  }
}
