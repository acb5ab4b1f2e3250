/**
 * A group that reads a topic of the simulated broker. A partition has one reader at a time; its assignment ends with a revocation, for
 * which a reader may be waited for, or with its loss. The next one has a larger epoch and begins where the group has committed.
 */
import { Effect } from "effect";
import type { AssignmentListener, CommitAnswer, CommitMark } from "../../src/streams/runtime/source.ts";
import type { Life } from "./life.ts";
import type { LogParts } from "./topics.ts";

/** A source of one life that has joined. */
export interface Member {
  readonly life: Life;
  readonly listener: AssignmentListener;
  /** By partition: which assignment, and what comes next. */
  readonly held: Map<number, { readonly epoch: number; next: number }>;
  /** Nothing more of them is handed over, and what is finished may still be committed. */
  readonly leaving: Map<number, number>;
  /** Whoever waits for records looks again. */
  readonly look: Set<() => void>;
}

const SESSION_MS = 3_000;
const REVOKED_WITHIN_MS = 1_000;
const ASSIGNED_AFTER_MS = 5;

export class ReadingGroup {
  readonly topic: string;
  readonly #parts: LogParts;
  readonly #members = new Set<Member>();
  readonly #committed = new Map<number, number>();
  #epoch = 0;
  /** Of the newest rebalance; an older one that still waits has nothing to say any more. */
  #turn = 0;

  constructor(topic: string, parts: LogParts) {
    this.topic = topic;
    this.#parts = parts;
  }

  join(life: Life, listener: AssignmentListener): Member {
    const member = { life, listener, held: new Map(), leaving: new Map(), look: new Set<() => void>() };
    this.#members.add(member);
    this.#rebalance("revoked");
    return member;
  }

  leave(member: Member, how: "revoked" | "lost"): void {
    if (!this.#members.delete(member)) return;
    if (how === "lost") lose(member, [...member.held.keys(), ...member.leaving.keys()]);
    member.held.clear();
    member.leaving.clear();
    this.#rebalance("revoked");
    if (how === "revoked") return;
    // one that was only frozen finds out, and joins again
    member.life.pass(() => {
      this.#members.add(member);
      this.#rebalance("revoked");
    });
  }

  /** Nothing was heard of it for as long as a session lasts. */
  silent(life: Life): void {
    this.#parts.clock.after(SESSION_MS, () => {
      if (life.state === "running") return;
      for (const member of [...this.#members]) if (member.life === life) this.leave(member, "lost");
    });
  }

  /** The topic was made anew. */
  beginAnew(): void {
    this.#committed.clear();
    this.#rebalance("lost");
  }

  /** Partitions wander, though nobody has come or gone. */
  shake(): void {
    this.#rebalance("revoked");
  }

  /** There may be something to read. */
  fed(): void {
    for (const member of this.#members) lookAgain(member);
  }

  /** Which marks are of an assignment that holds. */
  answers(member: Member, marks: readonly CommitMark[]): readonly CommitAnswer[] {
    return marks.map(({ partition, epoch }) => {
      const at = Number(partition);
      const holds = (member.held.get(at)?.epoch ?? member.leaving.get(at)) === epoch;
      return holds ? "committed" : "stale";
    });
  }

  note({ partition, next }: CommitMark): void {
    this.#committed.set(Number(partition), next);
    this.#parts.committed(this.topic, Number(partition), next);
  }

  #rebalance(how: "revoked" | "lost"): void {
    this.#turn += 1;
    const turn = this.#turn;
    const { clock, trace } = this.#parts;
    trace.tell(`rebalance of ${this.topic}, ${this.#members.size} members`);
    const ending = [...this.#members].flatMap((member) => this.#takeFrom(member, how));
    const assign = (): void => {
      if (turn === this.#turn) this.#assign();
    };
    if (ending.length === 0) {
      clock.after(ASSIGNED_AFTER_MS, assign);
      return;
    }
    const late = clock.after(REVOKED_WITHIN_MS + 500, assign);
    const done = (): void => {
      late();
      clock.after(ASSIGNED_AFTER_MS, assign);
    };
    Promise.all(ending).then(done, done);
  }

  /** What has to be waited for. */
  #takeFrom(member: Member, how: "revoked" | "lost"): readonly Promise<void>[] {
    const partitions = [...member.held.keys()];
    for (const [partition, { epoch }] of member.held) member.leaving.set(partition, epoch);
    member.held.clear();
    if (how === "revoked" && this.#parts.awaitedRevocation && member.life.state === "running")
      return partitions.map((partition) =>
        Effect.runPromise(member.listener.revoked(String(partition), REVOKED_WITHIN_MS)),
      );
    // announced, and not waited for
    lose(member, partitions);
    member.leaving.clear();
    return [];
  }

  #assign(): void {
    const members = [...this.#members];
    for (const member of members) member.leaving.clear();
    if (members.length === 0) return;
    const { partitions, draw } = this.#parts;
    const first = draw.within(0, members.length - 1);
    for (let partition = 0; partition < partitions; partition += 1) {
      const member = members[(first + partition) % members.length];
      if (member !== undefined) this.#give(member, partition);
    }
    this.fed();
  }

  #give(member: Member, partition: number): void {
    this.#epoch += 1;
    const epoch = this.#epoch;
    const next = this.#committed.get(partition) ?? 0;
    member.held.set(partition, { epoch, next });
    member.life.pass(() => {
      if (member.held.get(partition)?.epoch === epoch)
        member.listener.assigned(String(partition), epoch, next);
    });
  }
}

const lookAgain = ({ life, look }: Member): void => {
  life.pass(() => {
    for (const attempt of [...look]) attempt();
  });
};

const lose = ({ life, listener }: Member, partitions: readonly number[]): void => {
  for (const partition of partitions) life.pass(() => listener.lost(String(partition)));
};
