/**
 * What the events of librdkafka's members mean for a session. Revocation is awaited: a partition goes to another member when its
 * work has ended here, or the deadline has passed.
 *
 * librdkafka finds its way back to brokers that were away by itself; that they are away is asked of it (`AwayWatch`).
 */
import { Effect } from "effect";
import type { AssignmentListener } from "../../../streams/runtime/source.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { knownError } from "../error-table.ts";
import { type LogMessage, messageBytes } from "../log-message.ts";
import type { LogSession } from "../log-source.ts";
import { isTold, lookAgain, type Seat, startAt } from "../seats.ts";
import { SessionGround } from "../session-ground.ts";
import type { SourceSettings } from "../source-settings.ts";
import { AwayWatch } from "./away-watch.ts";
import type { Binding, VendorMessage } from "./binding.ts";
import { messageOf } from "./fetched-message.ts";
import { libraryBytes, Member, type MemberListener } from "./member.ts";
import type { NamedError } from "./vendor-errors.ts";

/** For the last commits of partitions that are given away, beyond the time of their work. */
const LAST_COMMIT_MS = 1_000;

export const openSession = (
  binding: Binding,
  cluster: ClusterOptions,
  settings: SourceSettings,
  listener: AssignmentListener,
): LogSession => {
  const ground = new SessionGround<LogMessage, Member>({
    ...{ settings, listener, mostBytes: settings.bufferBytes - libraryBytes(settings) },
    weigh: messageBytes,
    messageOf: (message) => message,
    high: (seat, member) => member?.seen(seat.partition)?.high ?? seat.high,
  });
  const reading = new Reading(ground, settings, listener);
  ground.begin(() => new Member(binding, cluster, settings, reading));
  return ground;
};

class Reading implements MemberListener {
  readonly #ground: SessionGround<LogMessage, Member>;
  readonly #settings: SourceSettings;
  readonly #listener: AssignmentListener;
  readonly #away: AwayWatch;

  constructor(
    ground: SessionGround<LogMessage, Member>,
    settings: SourceSettings,
    listener: AssignmentListener,
  ) {
    this.#ground = ground;
    this.#settings = settings;
    this.#listener = listener;
    this.#away = new AwayWatch({
      settings,
      member: () => (ground.isClosing ? null : ground.member),
      held: () =>
        ground.seats.all.filter(({ state }) => state === "reading").map(({ partition }) => partition),
      pause: ground.pause,
    });
  }

  readonly assigned = (partitions: readonly number[]): void => {
    this.#ground.sitDown(partitions);
    this.#place(partitions).catch((error: unknown) => this.#ground.dieOf(error));
  };

  readonly revoked = (isLost: boolean): void => {
    this.#giveBack(isLost).catch((error: unknown) => this.#ground.dieOf(error));
  };

  readonly fetched = (messages: readonly VendorMessage[]): void => {
    const { seats, ahead, member } = this.#ground;
    const full = new Set<number>();
    for (const message of messages) {
      const { partition, offset } = message;
      const seat = seats.get(partition);
      if (seat?.state !== "reading") continue;
      if (offset < seat.expected) {
        this.#lookAgain(seat, offset).catch((error: unknown) => this.#ground.dieOf(error));
        continue;
      }
      if (offset > seat.expected) this.#jumped(seat, offset);
      seat.expected = offset + 1;
      if (ahead.put(partition, [messageOf(message)])) full.add(partition);
    }
    if (full.size > 0) member?.pause([...full]);
    this.#ground.feed();
  };

  readonly troubled = (error: NamedError): void => {
    const known = knownError(error);
    if (!known.passes) this.#ground.dieOf(error);
    else if (known.code === "kafka:_ALL_BROKERS_DOWN") this.#away.away(known.code);
  };

  /**
   * The group waits for us: the work of its partitions may end, and what is finished is committed while the old generation still
   * counts. Where the group has given us up already, they are lost.
   */
  async #giveBack(isLost: boolean): Promise<void> {
    const { revokeDeadlineMs } = this.#settings;
    const { seats, member } = this.#ground;
    const turn = this.#ground.nextTurn();
    this.#ground.windUp();
    const leaving = seats.all.filter((seat) => !isLost && isTold(seat));
    for (const seat of seats.all) if (!leaving.includes(seat)) this.#ground.lose(seat);
    for (const seat of leaving) seat.state = "leaving";
    const ended = Promise.all(
      leaving.map((seat) => Effect.runPromise(this.#listener.revoked(seat.name, revokeDeadlineMs))),
    );
    await Promise.race([ended, this.#ground.pause(revokeDeadlineMs + LAST_COMMIT_MS)]);
    if (turn !== this.#ground.turn) return;
    for (const seat of seats.all) seats.leave(seat.partition);
    member?.unassign();
  }

  async #place(partitions: readonly number[]): Promise<void> {
    const { member, seats } = this.#ground;
    if (member === null) return;
    const found = await this.#ground.asking(async () => {
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
      const seat = seats.get(partition);
      if (seat !== undefined) this.#ground.read(seat, bounds, positions.get(partition) ?? bounds.low);
    }
    this.#ground.joined(partitions);
  }

  /** Nothing lies in between, or it was deleted before it was read. */
  #jumped({ partition, expected: from }: Seat, to: number): void {
    const { topic, told } = this.#settings;
    const low = this.#ground.member?.seen(partition)?.low ?? 0;
    if (low > from) told({ type: "log:gap:seen", topic, partition, from, to });
  }

  /** What lies before the expected offset was asked for by nobody: it is late, or the log is another one. */
  async #lookAgain(seat: Seat, from: number): Promise<void> {
    const { topic, told } = this.#settings;
    const { partition, expected } = seat;
    const { member } = this.#ground;
    if (member === null) return;
    seat.state = "placing";
    member.pause([partition]);
    const bounds = await this.#ground.asking(() => member.bounds(partition));
    if (bounds === null) return;
    const look = lookAgain(expected, from, bounds);
    const at = look.kind === "anew" ? look.at : look.kind === "gap" ? look.to : expected;
    // answered late, it may fail of a partition that is no longer ours
    const sought = await this.#ground.asking(() => member.seek(partition, at).then(() => true));
    if (sought === null) return;
    if (look.kind === "anew") {
      this.#ground.beginAnew(seat, at);
      this.#ground.read(seat, bounds, at);
    } else {
      if (look.kind === "gap") told({ type: "log:gap:seen", topic, partition, from: expected, to: at });
      seat.expected = at;
      seat.state = "reading";
    }
    member.resume([partition]);
  }
}
