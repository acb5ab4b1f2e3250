/**
 * A source from its opening to its closing: the seats that its member holds, and what has been fetched and not handed over.
 *
 * librdkafka finds its way back to brokers that were away by itself; a member is replaced only where it has died of something that
 * waiting may mend. What no waiting mends fails the session, and with it the pull. A topic that is missing fails an opening soon,
 * and is waited for afterwards.
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
import { CommitPace } from "../commit-pace.ts";
import { failureOf, knownError } from "../error-table.ts";
import { type LogMessage, messageBytes } from "../log-message.ts";
import type { Bounds } from "../log-offsets.ts";
import type { LogSession } from "../log-source.ts";
import { Pauses } from "../pauses.ts";
import { ReadAhead } from "../read-ahead.ts";
import { SeatCommits } from "../seat-commits.ts";
import { isTold, lookAgain, type Seat, Seats, startAt } from "../seats.ts";
import { SessionDoor } from "../session-door.ts";
import type { SourceSettings } from "../source-settings.ts";
import { AwayWatch } from "./away-watch.ts";
import type { Binding, VendorMessage } from "./binding.ts";
import { messageOf } from "./fetched-message.ts";
import { libraryBytes, Member, type MemberListener } from "./member.ts";
import type { NamedError } from "./vendor-errors.ts";

const FIRST_AWAY_MS = 250;
const LONGEST_AWAY_MS = 5_000;
/** Between two tries to ask a broker. */
const AGAIN_MS = 500;
/** A topic that was made just now is not known to every broker yet. */
const NEW_TOPIC_MS = 2_000;
/** For the last commits of partitions that are given away, beyond the time of their work. */
const LAST_COMMIT_MS = 1_000;

export class Session implements LogSession {
  readonly #settings: SourceSettings;
  readonly #listener: AssignmentListener;
  readonly #door = new SessionDoor();
  readonly opened = this.#door.opened;
  readonly #seats = new Seats();
  readonly #ahead: ReadAhead<LogMessage>;
  readonly #pace: CommitPace;
  readonly #pauses: Pauses;
  readonly #commits: SeatCommits;
  readonly #away: AwayWatch;
  readonly #ended: Promise<void>;
  readonly #openedAtMs: number;
  #member: Member | null = null;
  #isClosing = false;
  #hasJoined = false;
  #died: (error: unknown) => void = () => undefined;
  /** Counts assignments, revocations and crashes: what was begun for an earlier one is dropped. */
  #join = 0;

  constructor(
    binding: Binding,
    cluster: ClusterOptions,
    settings: SourceSettings,
    listener: AssignmentListener,
  ) {
    const { topic, clock, commitEveryMs: everyMs, commitEveryRecords: everyRecords } = settings;
    this.#settings = settings;
    this.#listener = listener;
    this.#openedAtMs = clock.monotonicMs();
    this.#ahead = new ReadAhead(settings.bufferBytes - libraryBytes(settings), messageBytes);
    this.#pace = new CommitPace({ everyMs, everyRecords }, clock);
    this.#pauses = new Pauses(clock);
    this.#commits = new SeatCommits({
      topic,
      seats: this.#seats,
      pace: this.#pace,
      member: () => this.#member,
      pause: this.#pauses.wait,
    });
    this.#away = new AwayWatch({
      settings,
      member: () => (this.#isClosing ? null : this.#member),
      held: () =>
        this.#seats.all.filter(({ state }) => state === "reading").map(({ partition }) => partition),
      pause: this.#pauses.wait,
    });
    this.#ended = this.#live(binding, cluster);
  }

  get failure(): Failure | null {
    return this.#door.failure;
  }

  lag(name: string, position: number): number | null {
    const seat = this.#seats.named(name);
    if (seat === undefined) return null;
    const high = this.#member?.seen(seat.partition)?.high ?? seat.high;
    return Math.max(0, high - position);
  }

  take(limit: PullLimit): readonly LogMessage[] {
    const emptied: number[] = [];
    const taken = this.#ahead.take(limit, (partition) => emptied.push(partition));
    const reading = emptied.filter((partition) => this.#seats.get(partition)?.state === "reading");
    if (reading.length > 0) this.#member?.resume(reading);
    return taken;
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
    this.#fail(new Transient({ message: `${this.#settings.topic} was closed`, code: "kafka:closed" }));
  }

  async #live(binding: Binding, cluster: ClusterOptions): Promise<void> {
    const { topic, told, clock } = this.#settings;
    let awayMs = FIRST_AWAY_MS;
    while (!this.#isClosing && this.failure === null) {
      const before = this.#join;
      const bornMs = clock.monotonicMs();
      const error = await this.#liveOnce(binding, cluster);
      // one that is let in, and whose first fetch is refused, has not lived: without a wait it would come and go all day
      const hasLived = this.#join > before && clock.monotonicMs() - bornMs >= LONGEST_AWAY_MS;
      this.#loseAll();
      if (this.#endsWith(error)) return;
      awayMs = hasLived ? FIRST_AWAY_MS : Math.min(awayMs * 2, LONGEST_AWAY_MS);
      told({ type: "broker:away:seen", topic, code: knownError(error).code, inMs: awayMs });
      await this.#pauses.wait(awayMs);
    }
  }

  /** Resolves with what the member has died of, or what it cannot live with. */
  async #liveOnce(binding: Binding, cluster: ClusterOptions): Promise<unknown> {
    const listener: MemberListener = {
      assigned: (partitions) => {
        this.#assigned(partitions);
      },
      revoked: (isLost) => {
        this.#revoked(isLost).catch((error: unknown) => {
          this.#died(error);
        });
      },
      fetched: (messages) => {
        this.#fetched(messages);
      },
      troubled: (error) => {
        this.#troubled(error);
      },
    };
    const unbearable = new Promise<unknown>((resolve) => {
      this.#died = resolve;
    });
    const member = new Member(binding, cluster, this.#settings, listener);
    this.#member = member;
    const error = await Promise.race([member.live(), unbearable]);
    this.#member = null;
    await member.stop();
    return error;
  }

  #endsWith(error: unknown): boolean {
    if (this.#isClosing || this.failure !== null) return true;
    const known = knownError(error);
    const isYoung = this.#settings.clock.monotonicMs() - this.#openedAtMs < NEW_TOPIC_MS;
    if (known.passes || (known.concerns === "topic" && (this.#hasJoined || isYoung))) return false;
    this.#fail(failureOf(known, `consuming ${this.#settings.topic}`, error));
    return true;
  }

  #troubled(error: NamedError): void {
    const known = knownError(error);
    if (!known.passes) this.#died(error);
    else if (known.code === "kafka:_ALL_BROKERS_DOWN") this.#away.away(known.code);
  }

  /**
   * The group waits for us: nothing more of its partitions is handed over, their work may end, and what is finished is committed
   * while the old generation still counts. Where the group has given us up already, they are lost.
   */
  async #revoked(isLost: boolean): Promise<void> {
    const { topic, told, revokeDeadlineMs } = this.#settings;
    const member = this.#member;
    const join = (this.#join += 1);
    told({ type: "group:rebalance:begin", topic });
    this.#ahead.reset([]);
    this.#pace.hurry();
    const leaving = this.#seats.all.filter((seat) => !isLost && isTold(seat));
    for (const seat of this.#seats.all) if (!leaving.includes(seat)) this.#lose(seat);
    for (const seat of leaving) seat.state = "leaving";
    const ended = Promise.all(
      leaving.map((seat) => Effect.runPromise(this.#listener.revoked(seat.name, revokeDeadlineMs))),
    );
    await Promise.race([ended, this.#pauses.wait(revokeDeadlineMs + LAST_COMMIT_MS)]);
    if (join !== this.#join) return;
    for (const seat of this.#seats.all) this.#seats.leave(seat.partition);
    member?.unassign();
  }

  #assigned(partitions: readonly number[]): void {
    this.#join += 1;
    for (const partition of partitions) this.#seats.place(partition);
    this.#ahead.reset(partitions);
    this.#pace.calm();
    this.#place(partitions).catch((error: unknown) => {
      this.#died(error);
    });
  }

  async #place(partitions: readonly number[]): Promise<void> {
    const { topic, told } = this.#settings;
    const member = this.#member;
    if (member === null) return;
    const found = await this.#asking(async () => {
      if (partitions.length === 0) return [];
      const committed = await member.committed(partitions);
      return Promise.all(
        partitions.map(async (partition) => ({
          partition,
          bounds: await member.bounds(partition),
          at: committed.get(partition),
        })),
      );
    });
    if (found === null) return;
    const positions = new Map(found.map(({ partition, bounds, at }) => [partition, startAt(bounds, at)]));
    member.assign(positions);
    for (const { partition, bounds } of found) {
      const seat = this.#seats.get(partition);
      if (seat !== undefined) this.#seat(seat, bounds, positions.get(partition) ?? bounds.low);
    }
    told({ type: "group:join:done", topic, partitions });
    this.#hasJoined = true;
    this.#door.open();
  }

  #seat(seat: Seat, { high }: Bounds, position: number): void {
    seat.epoch = this.#settings.nextEpoch();
    seat.expected = position;
    seat.committed = position;
    seat.high = high;
    seat.state = "reading";
    this.#listener.assigned(seat.name, seat.epoch, position);
  }

  #fetched(messages: readonly VendorMessage[]): void {
    const full = new Set<number>();
    for (const message of messages) {
      const { partition, offset } = message;
      const seat = this.#seats.get(partition);
      if (seat?.state !== "reading") continue;
      if (offset < seat.expected) {
        this.#lookAgain(seat, offset).catch((error: unknown) => {
          this.#died(error);
        });
        continue;
      }
      if (offset > seat.expected) this.#jumped(seat, offset);
      seat.expected = offset + 1;
      if (this.#ahead.put(partition, [messageOf(message)])) full.add(partition);
    }
    if (full.size > 0) this.#member?.pause([...full]);
    this.#door.feed();
  }

  /** Nothing lies in between, or it was deleted before it was read. */
  #jumped({ partition, expected: from }: Seat, to: number): void {
    const { topic, told } = this.#settings;
    const low = this.#member?.seen(partition)?.low ?? 0;
    if (low > from) told({ type: "log:gap:seen", topic, partition, from, to });
  }

  /** What lies before the expected offset was asked for by nobody: it is late, or the log is another one. */
  async #lookAgain(seat: Seat, from: number): Promise<void> {
    const { topic, told } = this.#settings;
    const { partition, expected } = seat;
    const member = this.#member;
    if (member === null) return;
    seat.state = "placing";
    member.pause([partition]);
    const bounds = await this.#asking(() => member.bounds(partition));
    if (bounds === null) return;
    const look = lookAgain(expected, from, bounds);
    const at = look.kind === "anew" ? look.at : look.kind === "gap" ? look.to : expected;
    const join = this.#join;
    await member.seek(partition, at);
    if (join !== this.#join) return;
    if (look.kind === "anew") {
      told({ type: "log:begin-anew:seen", topic, partition, from: expected, to: at });
      this.#ahead.clear(partition);
      this.#lose(seat);
      this.#seat(seat, bounds, at);
    } else {
      if (look.kind === "gap") told({ type: "log:gap:seen", topic, partition, from: expected, to: at });
      seat.expected = at;
      seat.state = "reading";
    }
    member.resume([partition]);
  }

  /** Until it is answered; `null` where a later join or a crash has overtaken it. */
  async #asking<T>(ask: () => Promise<T>): Promise<T | null> {
    const join = this.#join;
    for (;;) {
      try {
        const answer = await ask();
        return join === this.#join ? answer : null;
      } catch (error) {
        const known = knownError(error);
        if (join !== this.#join) return null;
        if (!known.passes && known.concerns !== "topic") throw error;
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
    this.#died(failure);
  }
}
