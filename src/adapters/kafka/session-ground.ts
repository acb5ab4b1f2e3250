/**
 * A source from its opening to its closing, as far as it is the same for every client: members that come one after the other, the
 * seats that they hold, and what has been fetched and not handed over. What a client's events mean is its own session's to say.
 *
 *   opening ──first positions known──▶ open ──closed, or what no waiting mends──▶ ended
 *
 * A member that has died has lost its seats. It is replaced with back-off for as long as waiting may mend it; what no waiting
 * mends fails the session, and with it the pull. A topic that is missing fails the source's first opening soon, and is waited for
 * when it was read before: also by a session that follows another one.
 *
 * `turn` counts whatever makes answers that are under way worthless: a join, a revocation, a death, the end.
 */
import { Transient, type Failure } from "../../failure.ts";
import type {
  AssignmentListener,
  CommitAnswer,
  CommitMark,
  PullLimit,
} from "../../streams/runtime/source.ts";
import { CommitPace } from "./commit-pace.ts";
import { failureOf, knownError } from "./error-table.ts";
import type { LogMessage } from "./log-message.ts";
import type { Bounds } from "./log-offsets.ts";
import type { LogSession } from "./log-source.ts";
import { Pauses } from "./pauses.ts";
import { ReadAhead } from "./read-ahead.ts";
import { type OffsetKeeper, SeatCommits } from "./seat-commits.ts";
import { isTold, type Seat, Seats } from "./seats.ts";
import { SessionDoor } from "./session-door.ts";
import type { SourceSettings } from "./source-settings.ts";

/** One consumer of a client, from joining its group to leaving it or dying; it is not started again but replaced. */
export interface GroupMember extends OffsetKeeper {
  /** Resolves with what it died of, or `null` when it was stopped; never while it lives. */
  readonly live: () => Promise<unknown>;
  readonly resume: (partitions: readonly number[]) => void;
  /** Leaves the group. It never rejects, and may be called again. */
  readonly stop: () => Promise<void>;
}

export interface GroundOptions<Item, Member> {
  readonly settings: SourceSettings;
  readonly listener: AssignmentListener;
  /** Of what is fetched and not handed over. */
  readonly mostBytes: number;
  readonly weigh: (item: Item) => number;
  readonly messageOf: (item: Item) => LogMessage;
  /** Where the log ends, as far as it is known. */
  readonly high: (seat: Seat, member: Member | null) => number;
  /** Closes what the session has besides; when its last member is gone. */
  readonly closed?: () => Promise<void>;
}

const FIRST_AWAY_MS = 250;
const LONGEST_AWAY_MS = 5_000;
/** Between two tries to ask a broker. */
const AGAIN_MS = 500;
/** A topic that was made just now is not known to every broker yet. */
const NEW_TOPIC_MS = 2_000;

export class SessionGround<Item, Member extends GroupMember> implements LogSession {
  readonly #options: GroundOptions<Item, Member>;
  readonly #door = new SessionDoor();
  readonly opened = this.#door.opened;
  readonly seats = new Seats();
  readonly ahead: ReadAhead<Item>;
  readonly #pace: CommitPace;
  readonly #pauses: Pauses;
  readonly #commits: SeatCommits;
  readonly #openedAtMs: number;
  #ended: Promise<void> = Promise.resolve();
  #member: Member | null = null;
  #isClosing = false;
  #turn = 0;
  #died: (error: unknown) => void = () => undefined;

  constructor(options: GroundOptions<Item, Member>) {
    this.#options = options;
    const { topic, clock, commitEveryMs: everyMs, commitEveryRecords: everyRecords } = options.settings;
    this.#openedAtMs = clock.monotonicMs();
    this.ahead = new ReadAhead(options.mostBytes, options.weigh);
    this.#pace = new CommitPace({ everyMs, everyRecords }, clock);
    this.#pauses = new Pauses(clock);
    this.#commits = new SeatCommits({
      ...{ topic, seats: this.seats, pace: this.#pace, pause: this.#pauses.wait },
      member: () => this.#member,
      gone: (error) => this.dieOf(error),
    });
  }

  get failure(): Failure | null {
    return this.#door.failure;
  }

  /** Empty between two of them, and at the end. */
  get member(): Member | null {
    return this.#member;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get turn(): number {
    return this.#turn;
  }

  get pause(): Pauses["wait"] {
    return this.#pauses.wait;
  }

  lag(name: string, position: number): number | null {
    const seat = this.seats.named(name);
    return seat === undefined ? null : Math.max(0, this.#options.high(seat, this.#member) - position);
  }

  take(limit: PullLimit): readonly LogMessage[] {
    const emptied: number[] = [];
    const taken = this.ahead.take(limit, (partition) => emptied.push(partition));
    const reading = emptied.filter((partition) => this.seats.get(partition)?.state === "reading");
    if (reading.length > 0) this.#member?.resume(reading);
    return taken.map(this.#options.messageOf);
  }

  whenFed(again: () => void): () => void {
    return this.#door.whenFed(again);
  }

  /** There may be something to take. */
  feed(): void {
    this.#door.feed();
  }

  commit(marks: readonly CommitMark[]): Promise<readonly CommitAnswer[]> {
    return this.#commits.commit(marks);
  }

  /** Once; each member follows the one before. */
  begin(next: () => Member): void {
    this.#ended = this.#live(next);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#turn += 1;
    this.#pace.hurry();
    this.#pauses.end();
    await this.#member?.stop();
    await this.#ended;
    await this.#options.closed?.();
    this.#fail(
      new Transient({ message: `${this.#options.settings.topic} was closed`, code: "kafka:closed" }),
    );
  }

  /** The member cannot go on; whether another one follows is for the error table to say. */
  dieOf(error: unknown): void {
    if (!this.#endsWith(error)) this.#died(error);
  }

  /** The group gives other partitions out: nothing more is handed over, and what is finished is committed without a wait. */
  windUp(): void {
    const { topic, told } = this.#options.settings;
    told({ type: "group:rebalance:begin", topic });
    this.ahead.reset([]);
    this.#pace.hurry();
  }

  /** These are ours, at positions that have to be found yet. @returns the turn that begins with it */
  sitDown(partitions: readonly number[]): number {
    for (const partition of partitions) this.seats.place(partition);
    this.ahead.reset(partitions);
    this.#pace.calm();
    return this.nextTurn();
  }

  nextTurn(): number {
    return (this.#turn += 1);
  }

  /** One is read from here on, as a new assignment. */
  read(seat: Seat, { high }: Bounds, position: number): void {
    seat.epoch = this.#options.settings.nextEpoch();
    seat.expected = position;
    seat.committed = position;
    seat.high = high;
    seat.jumpedTo = null;
    seat.state = "reading";
    this.#options.listener.assigned(seat.name, seat.epoch, position);
  }

  /** All that were given out are read. */
  joined(partitions: readonly number[]): void {
    const { topic, told } = this.#options.settings;
    told({ type: "group:join:done", topic, partitions });
    this.#options.settings.past.hasJoined = true;
    this.#door.open();
  }

  /** Its place lies beyond the end: this is another log, or one that has lost its end. */
  beginAnew(seat: Seat, to: number): void {
    const { topic, told } = this.#options.settings;
    const { partition, expected: from } = seat;
    told({ type: "log:begin-anew:seen", topic, partition, from, to });
    this.ahead.clear(partition);
    this.lose(seat);
  }

  lose(seat: Seat): void {
    if (isTold(seat)) this.#options.listener.lost(seat.name);
  }

  /** Until it is answered; `null` where a later turn has overtaken it. Rejects where no waiting would mend it. */
  async asking<T>(ask: () => Promise<T>): Promise<T | null> {
    const turn = this.#turn;
    for (;;) {
      try {
        const answer = await ask();
        return turn === this.#turn ? answer : null;
      } catch (error) {
        const known = knownError(error);
        if (turn !== this.#turn) return null;
        if (!known.passes && known.concerns !== "topic") throw error;
      }
      await this.pause(AGAIN_MS);
    }
  }

  async #live(next: () => Member): Promise<void> {
    const { topic, told, clock } = this.#options.settings;
    let awayMs = FIRST_AWAY_MS;
    while (!this.#isClosing && this.failure === null) {
      const before = this.#turn;
      const bornMs = clock.monotonicMs();
      const error = await this.#liveOnce(next());
      // one that is let in, and whose first fetch is refused, has not lived: without a wait it would come and go all day
      const hasLived = this.#turn > before && clock.monotonicMs() - bornMs >= LONGEST_AWAY_MS;
      this.#loseAll();
      if (this.#endsWith(error)) return;
      awayMs = hasLived ? FIRST_AWAY_MS : Math.min(awayMs * 2, LONGEST_AWAY_MS);
      told({ type: "broker:away:seen", topic, code: knownError(error).code, inMs: awayMs });
      await this.pause(awayMs);
    }
  }

  /** Resolves with what the member has died of, or what it cannot live with. */
  async #liveOnce(member: Member): Promise<unknown> {
    const unbearable = new Promise<unknown>((resolve) => {
      this.#died = resolve;
    });
    this.#member = member;
    const error = await Promise.race([member.live(), unbearable]);
    this.#member = null;
    await member.stop();
    return error;
  }

  #endsWith(error: unknown): boolean {
    if (this.#isClosing || this.failure !== null) return true;
    const { topic, clock, past } = this.#options.settings;
    const known = knownError(error);
    const isYoung = clock.monotonicMs() - this.#openedAtMs < NEW_TOPIC_MS;
    if (known.passes || (known.concerns === "topic" && (past.hasJoined || isYoung))) return false;
    this.#fail(failureOf(known, `consuming ${topic}`, error));
    return true;
  }

  #loseAll(): void {
    this.#turn += 1;
    this.ahead.reset([]);
    for (const seat of this.seats.all) {
      if (!this.#isClosing) this.lose(seat);
      this.seats.leave(seat.partition);
    }
  }

  #fail(failure: Failure): void {
    this.#door.fail(failure);
    this.#died(failure);
  }
}
