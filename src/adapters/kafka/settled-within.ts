/**
 * Waits for the end of a client that may never say that it has ended. Real time, whatever clock the runtime goes by: clients live in it.
 */

/** Never rejects: that there is nothing more to wait for is all that is told. */
export const settledWithin = (work: Promise<unknown>, withinMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    const settled = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(settled, settled);
  });
