/**
 * A set of states of one width, numbered in the order in which they came: one flat pool of words and a table with open
 * addressing. Millions of states as objects or strings would be most of the search's time and memory.
 */
const ROOM = 1 << 12;

export class StateSet {
  readonly #width: number;
  #pool: Int32Array;
  /** Number of the state plus 1; 0 is free. Its length is a power of two. */
  #table = new Int32Array(ROOM * 2);
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#pool = new Int32Array(ROOM * width);
  }

  get size(): number {
    return this.#size;
  }

  read(id: number, into: Int32Array): Int32Array {
    const from = id * this.#width;
    for (let i = 0; i < this.#width; i += 1) into[i] = this.#pool[from + i] ?? 0;
    return into;
  }

  /** The number of the state, and whether it is new: `-1 - number` where it was known. */
  add(state: Int32Array): number {
    const mask = this.#table.length - 1;
    let place = this.#hash(state) & mask;
    for (;;) {
      const entry = this.#table[place] ?? 0;
      if (entry === 0) break;
      if (this.#is(entry - 1, state)) return -entry;
      place = (place + 1) & mask;
    }
    const id = this.#size;
    if ((id + 1) * this.#width > this.#pool.length) this.#widen();
    this.#pool.set(state, id * this.#width);
    this.#table[place] = id + 1;
    this.#size += 1;
    if (this.#size * 2 > this.#table.length) this.#rehash();
    return id;
  }

  #is(id: number, state: Int32Array): boolean {
    const from = id * this.#width;
    for (let i = 0; i < this.#width; i += 1) if (this.#pool[from + i] !== state[i]) return false;
    return true;
  }

  #hash(state: Int32Array): number {
    let hash = 0x9e3779b9;
    for (let i = 0; i < this.#width; i += 1) {
      hash = Math.imul(hash ^ (state[i] ?? 0), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #widen(): void {
    const pool = new Int32Array(this.#pool.length * 2);
    pool.set(this.#pool);
    this.#pool = pool;
  }

  #rehash(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    const state = new Int32Array(this.#width);
    for (let id = 0; id < this.#size; id += 1) {
      let place = this.#hash(this.read(id, state)) & mask;
      while (this.#table[place] !== 0) place = (place + 1) & mask;
      this.#table[place] = id + 1;
    }
  }
}

/** Whole numbers that are only ever added. */
export class Numbers {
  #words = new Int32Array(ROOM);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#words.length) {
      const words = new Int32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): number {
    return this.#words[index] ?? 0;
  }
}
