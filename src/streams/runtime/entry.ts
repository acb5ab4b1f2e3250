/**
 * Where items enter a flow: a `Subject` that can be fed by its owner only. It does without what a `Subject` makes for
 * each value (a scope, a function, an iterator), which would be as much as the item itself.
 */
import { Observable, type Subscriber } from "rxjs";

export class Entry<Item> {
  /** Replaced, never changed, when a subscriber comes or goes: it may be walked over meanwhile. */
  #subscribers: readonly Subscriber<Item>[] = [];
  #isComplete = false;

  /** A flow may subscribe more than once. */
  readonly items = new Observable<Item>((subscriber) => {
    if (this.#isComplete) {
      subscriber.complete();
      return;
    }
    this.#subscribers = [...this.#subscribers, subscriber];
    return () => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    };
  });

  next(item: Item): void {
    const subscribers = this.#subscribers;
    for (let at = 0; at < subscribers.length; at += 1) subscribers[at]?.next(item);
  }

  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.complete();
  }
}
