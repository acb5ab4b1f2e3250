/**
 * A source from its opening to its closing: members that come one after the other, the seats that they hold, and what has been
 * fetched and not handed over.
 *
 * A member that crashed has lost its seats. It is replaced with back-off for as long as waiting may mend it; what no waiting
 * mends fails the session, and with it the pull. A topic that is missing fails an opening soon, and is waited for afterwards.
 */
import { Effect } from "effect";
import { Transient, type Failure } from "../../../failure.ts";
import type {
  AssignmentListener,
  CommitAnswer,
  CommitMark,
  PullLimit,
} from "../../../streams/runtime/source.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { failureOf, knownError } from "../error-table.ts";
import { type Bounds, boundsOf } from "../log-offsets.ts";
import type { LogMessage } from "../log-message.ts";
import type { LogSession } from "../log-source.ts";
import { ReadAhead } from "../read-ahead.ts";
import { CommitPace } from "../commit-pace.ts";
import { type FetchedRecord, messageOf, weightOf } from "./fetched-record.ts";
import { type Fetched, Member, type MemberListener } from "./member.ts";
import { Pauses } from "../pauses.ts";
import { SeatCommits } from "../seat-commits.ts";
import { isTold, lookAgain, type Seat, Seats, startAt } from "../seats.ts";
import { SessionDoor } from "../session-door.ts";
import type { SourceSettings } from "../source-settings.ts";
import { LazyAdmin } from "./topic-admin.ts";

const FIRST_AWAY_MS = 250;
const LONGEST_AWAY_MS = 5_000;
/** Between two tries to ask where the log begins and ends. */
const AGAIN_MS = 500;

/** A topic that was made just now is not known to every broker yet. */
const NEW_TOPIC_MS = 2_000;

export class Session implements LogSession {
  readonly #settings: SourceSettings;
  readonly #listener: AssignmentListener;
  readonly #offsets: LazyAdmin;
  readonly #seats = new Seats();
  readonly #ahead: ReadAhead<FetchedRecord>;
  readonly #pace: CommitPace;
  readonly #pauses: Pauses;
  readonly #commits: SeatCommits;
  readonly #door = new SessionDoor();
  readonly opened = this.#door.opened;
  readonly #ended: Promise<void>;
  #member: Member | null = null;
  readonly #openedAtMs: number;
  #isClosing = false;
  #hasJoined = false;
  /** Counts joins and crashes: what was begun for an earlier one is dropped. */
  #join = 0;

  constructor(cluster: ClusterOptions, settings: SourceSettings, listener: AssignmentListener) {
    const { topic, clock, bufferBytes, commitEveryMs: everyMs, commitEveryRecords: everyRecords } = settings;
    this.#settings = settings;
    this.#openedAtMs = clock.monotonicMs();
    this.#listener = listener;
    this.#offsets = new LazyAdmin(cluster);
    this.#ahead = new ReadAhead(bufferBytes, ({ message }) => weightOf(message));
    this.#pace = new CommitPace({ everyMs, everyRecords }, clock);
    this.#pauses = new Pauses(clock);
    this.#commits = new SeatCommits({
      topic,
      seats: this.#seats,
      pace: this.#pace,
      member: () => this.#member,
      pause: this.#pauses.wait,
    });
    this.#ended = this.#live(cluster);
  }

  get failure(): Failure | null {
    return this.#door.failure;
  }

  lag(name: string, position: number): number | null {
    const seat = this.#seats.named(name);
    return seat === undefined ? null : Math.max(0, seat.high - position);
  }

  take(limit: PullLimit): readonly LogMessage[] {
    const emptied: number[] = [];
    const taken = this.#ahead.take(limit, (partition) => emptied.push(partition));
    const reading = emptied.filter((partition) => this.#seats.get(partition)?.state === "reading");
    if (reading.length > 0) this.#member?.resume(reading);
    return taken.map((record) => messageOf(this.#settings.topic, record));
  }

  whenFed(again: () => void): () => void {
    return this.#door.whenFed(again);
  }

  commit(marks: readonly CommitMark[]): Promise<readonly CommitAnswer[]> {
    return this.#commits.commit(marks);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#join += 1;
    this.#pace.hurry();
    this.#pauses.end();
    await this.#member?.stop();
    await this.#ended;
    await this.#offsets.close();
    this.#fail(new Transient({ message: `${this.#settings.topic} was closed`, code: "kafka:closed" }));
  }

  async #live(cluster: ClusterOptions): Promise<void> {
    const { groupId, topic, told, clock } = this.#settings;
    const listener: MemberListener = {
      joined: (partitions) => {
        this.#joined(partitions);
      },
      rebalancing: () => {
        this.#rebalancing();
      },
      fetched: (fetched) => this.#fetched(fetched),
    };
    let awayMs = FIRST_AWAY_MS;
    while (!this.#isClosing && this.failure === null) {
      const before = this.#join;
      const bornMs = clock.monotonicMs();
      this.#member = new Member(cluster, groupId, topic, this.#settings, listener, clock);
      const error = await this.#member.live();
      this.#member = null;
      // one that is let in, and whose first fetch is refused, has not lived: without a wait it would come and go all day
      const hasLived = this.#join > before && clock.monotonicMs() - bornMs >= LONGEST_AWAY_MS;
      this.#loseAll();
      if (this.#endsWith(error)) return;
      awayMs = hasLived ? FIRST_AWAY_MS : Math.min(awayMs * 2, LONGEST_AWAY_MS);
      told({ type: "broker:away:seen", topic, code: knownError(error).code, inMs: awayMs });
      await this.#pauses.wait(awayMs);
    }
  }

  #endsWith(error: unknown): boolean {
    if (this.#isClosing || this.failure !== null) return true;
    const known = knownError(error);
    const isYoung = this.#settings.clock.monotonicMs() - this.#openedAtMs < NEW_TOPIC_MS;
    if (known.passes || (known.concerns === "topic" && (this.#hasJoined || isYoung))) return false;
    this.#fail(failureOf(known, `consuming ${this.#settings.topic}`, error));
    return true;
  }

  /** Announced: nothing more of them is handed over, and what is finished is committed while the old generation still counts. */
  #rebalancing(): void {
    const { topic, told, revokeDeadlineMs } = this.#settings;
    told({ type: "group:rebalance:begin", topic });
    this.#ahead.reset([]);
    this.#pace.hurry();
    for (const seat of this.#seats.all) {
      if (seat.state !== "reading") continue;
      seat.state = "leaving";
      Effect.runFork(this.#listener.revoked(seat.name, revokeDeadlineMs));
    }
  }

  #joined(partitions: readonly number[]): void {
    this.#join += 1;
    this.#member?.pause(partitions);
    for (const seat of this.#seats.all) {
      // one that was announced and is ours again is assigned anew below, and its unfinished work goes on
      if (seat.state !== "leaving" || !partitions.includes(seat.partition)) this.#lose(seat);
      this.#seats.leave(seat.partition);
    }
    for (const partition of partitions) this.#seats.place(partition);
    this.#ahead.reset(partitions);
    this.#pace.calm();
    this.#place(partitions).catch((error: unknown) => {
      this.#fail(failureOf(knownError(error), `taking the partitions of ${this.#settings.topic}`, error));
    });
  }

  async #place(partitions: readonly number[]): Promise<void> {
    const { groupId, topic, told } = this.#settings;
    const found = await this.#asking(async () => {
      if (partitions.length === 0) return [];
      const committed = await this.#offsets.committed(groupId, topic);
      const bounds = await this.#offsets.bounds(topic);
      return partitions.map((partition) => ({
        partition,
        ...boundsOf(bounds, partition),
        at: committed.get(partition),
      }));
    });
    if (found === null) return;
    for (const { partition, low, high, at } of found) {
      const seat = this.#seats.get(partition);
      if (seat !== undefined) this.#assign(seat, { low, high }, startAt({ low, high }, at));
    }
    this.#member?.resume(partitions);
    told({ type: "group:join:done", topic, partitions });
    this.#hasJoined = true;
    this.#door.open();
  }

  #assign(seat: Seat, { high }: Bounds, position: number): void {
    seat.epoch = this.#settings.nextEpoch();
    seat.expected = position;
    seat.committed = position;
    seat.high = high;
    seat.jumpedTo = null;
    seat.state = "reading";
    this.#member?.seek(seat.partition, position);
    this.#listener.assigned(seat.name, seat.epoch, position);
  }

  #fetched({ partition, from, next, high, messages }: Fetched): boolean {
    const seat = this.#seats.get(partition);
    if (seat?.state !== "reading") return false;
    if (from !== seat.expected && from !== seat.jumpedTo) {
      this.#lookAgain(seat, from).catch((error: unknown) => {
        this.#fail(failureOf(knownError(error), `finding the place in ${this.#settings.topic}`, error));
      });
      return false;
    }
    seat.expected = next;
    seat.high = high;
    seat.jumpedTo = null;
    const isFull = this.#ahead.put(
      partition,
      messages.map((message) => ({ partition, message })),
    );
    if (isFull) this.#member?.pause([partition]);
    this.#door.feed();
    return true;
  }

  async #lookAgain(seat: Seat, from: number): Promise<void> {
    const { topic, told } = this.#settings;
    const { partition, expected } = seat;
    seat.state = "placing";
    this.#member?.pause([partition]);
    const bounds = await this.#asking(async () => boundsOf(await this.#offsets.bounds(topic), partition));
    if (bounds === null) return;
    const look = lookAgain(expected, from, bounds);
    if (look.kind === "anew") {
      told({ type: "log:begin-anew:seen", topic, partition, from: expected, to: look.at });
      this.#ahead.clear(partition);
      this.#lose(seat);
      this.#assign(seat, bounds, look.at);
    } else {
      if (look.kind === "gap") told({ type: "log:gap:seen", topic, partition, from: expected, to: look.to });
      seat.expected = look.kind === "gap" ? look.to : expected;
      seat.jumpedTo = look.kind === "back" ? look.jumpedTo : null;
      seat.state = "reading";
      this.#member?.seek(partition, seat.expected);
    }
    this.#member?.resume([partition]);
  }

  /** Until it is answered; `null` where a later join or a crash has overtaken it, or no waiting would mend it. */
  async #asking<T>(ask: () => Promise<T>): Promise<T | null> {
    const join = this.#join;
    const { topic, groupId } = this.#settings;
    for (;;) {
      try {
        const answer = await ask();
        return join === this.#join ? answer : null;
      } catch (error) {
        const known = knownError(error);
        if (join !== this.#join) return null;
        if (!known.passes && known.concerns !== "topic") {
          this.#fail(failureOf(known, `asking for the positions of ${groupId} in ${topic}`, error));
          return null;
        }
      }
      await this.#pauses.wait(AGAIN_MS);
    }
  }

  #lose(seat: Seat): void {
    if (isTold(seat)) this.#listener.lost(seat.name);
  }

  #loseAll(): void {
    this.#join += 1;
    this.#ahead.reset([]);
    for (const seat of this.#seats.all) {
      if (!this.#isClosing) this.#lose(seat);
      this.#seats.leave(seat.partition);
    }
  }

  #fail(failure: Failure): void {
    this.#door.fail(failure);
    this.#member?.stop().catch(() => undefined);
  }
}
