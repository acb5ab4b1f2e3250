/**
 * A broker, simulated: topics, and groups that read them. It keeps a broker's promises and breaks those that it may break. What a process has of
 * it is `broker-client.ts`.
 */
import type { Life } from "./life.ts";
import { ReadingGroup } from "./reading-group.ts";
import { type LogParts, Topics } from "./topics.ts";

export class Broker {
  readonly parts: LogParts;
  readonly topics: Topics;
  readonly #groups = new Map<string, ReadingGroup>();
  #isAway = false;

  constructor(parts: LogParts) {
    this.parts = parts;
    this.topics = new Topics(parts, (topic) => {
      for (const group of this.#readersOf(topic)) group.fed();
    });
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  away(): void {
    this.#isAway = true;
  }

  /** Whoever has waited for records is served: what was written while it was away lies there. */
  back(): void {
    this.#isAway = false;
    for (const group of this.#groups.values()) group.fed();
  }

  /** The topic goes, with all that is in it, and is made again. */
  wipe(topic: string): void {
    this.topics.wipe(topic);
    for (const group of this.#readersOf(topic)) group.beginAnew();
  }

  shake(): void {
    for (const group of this.#groups.values()) group.shake();
  }

  /** That life says nothing any more, for now or for ever. */
  silent(life: Life): void {
    for (const group of this.#groups.values()) group.silent(life);
  }

  group(groupId: string, topic: string): ReadingGroup {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    const made = new ReadingGroup(topic, this.parts);
    this.#groups.set(groupId, made);
    return made;
  }

  #readersOf(topic: string): readonly ReadingGroup[] {
    return [...this.#groups.values()].filter((group) => group.topic === topic);
  }
}
