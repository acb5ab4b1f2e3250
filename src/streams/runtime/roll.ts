/**
 * Who is here, in the order in which they came. Coming costs O(1), and so does leaving from anywhere; neither touches
 * anybody else. A linked list would have to write to both neighbours of whoever leaves: with ten thousand in flight those
 * are in no cache any more, and the collector has to be told of each such write.
 *
 * The places are a ring. Whoever stays long holds up its head, so when it is full it is closed up if half of it is empty,
 * and doubled if not: it is never longer than four times the most that were here at once, or than it was at first.
 */
const FIRST_CAPACITY = 64;

/** Not here. */
export const NOWHERE = -1;

/** Somebody who can be on a roll, on one at a time. The place belongs to the roll. */
export interface Enrolled {
  place: number;
}

export class Roll<Member extends Enrolled> {
  #ring: (Member | null)[] = new Array<Member | null>(FIRST_CAPACITY).fill(null);
  /** The first place that may be taken, and the next to be given out. */
  #head = 0;
  #tail = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get oldest(): Member | null {
    if (this.#count === 0) return null;
    this.#passEmptyPlaces();
    return this.#at(this.#head);
  }

  add(member: Member): void {
    if (this.#tail - this.#head === this.#ring.length) this.#makeRoom();
    member.place = this.#tail;
    this.#ring[this.#tail & (this.#ring.length - 1)] = member;
    this.#tail += 1;
    this.#count += 1;
  }

  /** Nothing happens to one that is not here. */
  remove(member: Member): void {
    if (member.place === NOWHERE) return;
    this.#ring[member.place & (this.#ring.length - 1)] = null;
    member.place = NOWHERE;
    this.#count -= 1;
  }

  /** In order of arrival. Safe while members leave, also others than the one in hand: those are passed over. */
  *[Symbol.iterator](): Generator<Member> {
    for (const member of this.#inOrder()) if (member.place !== NOWHERE) yield member;
  }

  #at(place: number): Member | null {
    return this.#ring[place & (this.#ring.length - 1)] ?? null;
  }

  /** Each is passed once. */
  #passEmptyPlaces(): void {
    while (this.#head < this.#tail && this.#at(this.#head) === null) this.#head += 1;
  }

  #inOrder(): readonly Member[] {
    const members: Member[] = [];
    for (let place = this.#head; place < this.#tail; place += 1) {
      const member = this.#at(place);
      if (member !== null) members.push(member);
    }
    return members;
  }

  #makeRoom(): void {
    this.#passEmptyPlaces();
    if (this.#tail - this.#head < this.#ring.length) return;
    const members = this.#inOrder();
    const isSparse = members.length * 2 <= this.#ring.length;
    const ring = new Array<Member | null>(this.#ring.length * (isSparse ? 1 : 2)).fill(null);
    members.forEach((member, place) => {
      member.place = place;
      ring[place] = member;
    });
    this.#ring = ring;
    this.#head = 0;
    this.#tail = members.length;
  }
}
