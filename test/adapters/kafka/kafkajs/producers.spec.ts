import type { Producer } from "kafkajs";
import { describe, expect, it } from "vitest";
import { Producers } from "../../../../src/adapters/kafka/kafkajs/producers.ts";

// nothing of a producer is called here
const NONE = {} as Producer;

/** Producers that can do nothing but end, by number. */
const line = () => {
  const ended: number[] = [];
  let made = 0;
  const producers = new Producers(() => {
    const number = made;
    made += 1;
    return { ready: Promise.resolve(NONE), end: () => Promise.resolve(void ended.push(number)) };
  });
  return { producers, ended, made: () => made };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the producers of a publisher", () => {
  it("are one for all sends; a retired one ends with the last send on it, and the next send has a new one", async () => {
    const { producers, ended, made } = line();
    const [one, other] = [producers.take(), producers.take()];
    expect([one === other, made()]).toEqual([true, 1]);
    producers.retire(one);
    producers.release(one);
    await turn();
    expect(ended).toEqual([]);
    const next = producers.take();
    expect([next === one, made(), producers.current === next]).toEqual([false, 2, true]);
    producers.release(other);
    await turn();
    expect(ended).toEqual([0]);
  });

  it("are retired once, whoever says so", async () => {
    const { producers, ended } = line();
    const one = producers.take();
    producers.release(one);
    producers.retire(one);
    const next = producers.take();
    producers.retire(one);
    await turn();
    expect([ended, producers.current === next]).toEqual([[0], true]);
  });

  it("are not made any more once they are closed: whoever asks is refused, and nothing is left open", async () => {
    const { producers, made } = line();
    await producers.close();
    const taken = producers.take();
    await expect(taken.ready).rejects.toThrow("closed");
    producers.retire(taken);
    producers.release(taken);
    expect(made()).toBe(0);
  });

  it("all end when they are closed, also one that could not connect", async () => {
    const { producers, ended } = line();
    producers.retire(producers.take());
    producers.take();
    await producers.close();
    expect([...ended].sort()).toEqual([0, 1]);
    let ends = 0;
    const broken = new Producers(() => ({
      ready: Promise.reject(new Error("no broker")),
      end: () => Promise.resolve(void (ends += 1)),
    }));
    const taken = broken.take();
    await expect(taken.ready).rejects.toThrow("no broker");
    broken.retire(taken);
    await broken.close();
    expect(ends).toBe(1);
  });
});
