/**
 * What the event loop has still to do for us, without going round it: Node does not tell, and a round that finds nothing costs more than
 * the work of most instants. So what is set by the global `setImmediate`, as ours and Effect's is, is counted where it is set; it runs as
 * it would.
 *
 * Not seen is what Node sets by itself: `setImmediate` out of `node:timers` or made a promise, message channels, threads and sockets.
 */
const waiting = new Set<NodeJS.Immediate>();
const { setImmediate: setInNode, clearImmediate: clearInNode } = globalThis;

const counted = <Args extends unknown[]>(run: (...args: Args) => void, ...args: Args): NodeJS.Immediate => {
  const immediate = setInNode(() => {
    waiting.delete(immediate);
    run(...args);
  });
  waiting.add(immediate);
  return immediate;
};
// what `promisify` and `node:timers/promises` look for stays where it is
globalThis.setImmediate = Object.defineProperties(
  counted,
  Object.getOwnPropertyDescriptors(setInNode),
) as typeof setImmediate;
globalThis.clearImmediate = (immediate) => {
  if (typeof immediate === "object") waiting.delete(immediate);
  clearInNode(immediate);
};

/** Whether a `setImmediate` has not had its turn. */
export const hasImmediates = (): boolean => waiting.size > 0;

/** The loop goes round once: all that was set before it has run. */
export const nextRound = (): Promise<void> => new Promise((resolve) => void setInNode(resolve));

const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Every promise that can go on has gone on, as far as it comes without the loop; so has what was put off to the next tick, twice. */
export const promisesRest = async (): Promise<void> => {
  await nextTick();
  // promises that came out of ticks before ours have their turn together with us
  await nextTick();
};
