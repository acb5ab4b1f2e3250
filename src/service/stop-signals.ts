/**
 * The first signal to end asks for it, and what is in hand is finished; the second one ends at once.
 */
export interface StopSignals {
  readonly signal: AbortSignal;
  /** Stops listening. */
  readonly stop: () => void;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** As a shell counts: 128 and the number of the signal. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export const onStopSignals = (say: (words: string) => void): StopSignals => {
  const controller = new AbortController();
  const heard = (name: (typeof SIGNALS)[number]): void => {
    if (controller.signal.aborted) process.exit(CODES[name]);
    say("Finishing what is in hand; once more ends at once, and the next start goes on from there.");
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, heard);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of SIGNALS) process.off(name, heard);
    },
  };
};
