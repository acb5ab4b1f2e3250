/**
 * What the events of kafkajs's members mean for a session. Revocation is announced and not awaited: whoever works learns that its
 * partitions go, and the client takes them away when it likes.
 *
 * A fetch has to begin where the one before has ended. One that begins elsewhere is of another assignment, or of another log; so
 * it is looked at again before anything of it is handed over.
 */
import { Effect } from "effect";
import type { AssignmentListener } from "../../../streams/runtime/source.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { type Bounds, boundsOf } from "../log-offsets.ts";
import type { LogSession } from "../log-source.ts";
import { lookAgain, type Seat, startAt } from "../seats.ts";
import { SessionGround } from "../session-ground.ts";
import type { SourceSettings } from "../source-settings.ts";
import { type FetchedRecord, messageOf, weightOf } from "./fetched-record.ts";
import { type Fetched, Member, type MemberListener } from "./member.ts";
import { LazyAdmin } from "./topic-admin.ts";

export const openSession = (
  cluster: ClusterOptions,
  settings: SourceSettings,
  listener: AssignmentListener,
): LogSession => {
  const offsets = new LazyAdmin(cluster);
  const ground = new SessionGround<FetchedRecord, Member>({
    ...{ settings, listener, mostBytes: settings.bufferBytes },
    weigh: ({ message }) => weightOf(message),
    messageOf: (record) => messageOf(settings.topic, record),
    high: ({ high }) => high,
    closed: () => offsets.close(),
  });
  const reading = new Reading(ground, offsets, settings, listener);
  ground.begin(() => new Member(cluster, settings.groupId, settings.topic, settings, reading));
  return ground;
};

class Reading implements MemberListener {
  readonly #ground: SessionGround<FetchedRecord, Member>;
  readonly #offsets: LazyAdmin;
  readonly #settings: SourceSettings;
  readonly #listener: AssignmentListener;

  constructor(
    ground: SessionGround<FetchedRecord, Member>,
    offsets: LazyAdmin,
    settings: SourceSettings,
    listener: AssignmentListener,
  ) {
    this.#ground = ground;
    this.#offsets = offsets;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Announced: what is finished is committed while the old generation still counts. */
  readonly rebalancing = (): void => {
    const { seats } = this.#ground;
    this.#ground.windUp();
    for (const seat of seats.all) {
      if (seat.state !== "reading") continue;
      seat.state = "leaving";
      Effect.runFork(this.#listener.revoked(seat.name, this.#settings.revokeDeadlineMs));
    }
  };

  readonly joined = (partitions: readonly number[]): void => {
    const { seats, member } = this.#ground;
    member?.pause(partitions);
    for (const seat of seats.all) {
      // one that was announced and is ours again is assigned anew below, and its unfinished work goes on
      if (seat.state !== "leaving" || !partitions.includes(seat.partition)) this.#ground.lose(seat);
      seats.leave(seat.partition);
    }
    this.#ground.sitDown(partitions);
    this.#place(partitions).catch((error: unknown) => this.#ground.dieOf(error));
  };

  readonly fetched = ({ partition, from, next, high, messages }: Fetched): boolean => {
    const seat = this.#ground.seats.get(partition);
    if (seat?.state !== "reading") return false;
    if (from !== seat.expected && from !== seat.jumpedTo) {
      this.#lookAgain(seat, from).catch((error: unknown) => this.#ground.dieOf(error));
      return false;
    }
    seat.expected = next;
    seat.high = high;
    seat.jumpedTo = null;
    const isFull = this.#ground.ahead.put(
      partition,
      messages.map((message) => ({ partition, message })),
    );
    if (isFull) this.#ground.member?.pause([partition]);
    this.#ground.feed();
    return true;
  };

  async #place(partitions: readonly number[]): Promise<void> {
    const { groupId, topic } = this.#settings;
    const found = await this.#ground.asking(async () => {
      if (partitions.length === 0) return [];
      const committed = await this.#offsets.committed(groupId, topic);
      const bounds = await this.#offsets.bounds(topic);
      return partitions.map((partition) => ({
        partition,
        bounds: boundsOf(bounds, partition),
        at: committed.get(partition),
      }));
    });
    if (found === null) return;
    for (const { partition, bounds, at } of found) {
      const seat = this.#ground.seats.get(partition);
      if (seat !== undefined) this.#readFrom(seat, bounds, startAt(bounds, at));
    }
    this.#ground.member?.resume(partitions);
    this.#ground.joined(partitions);
  }

  /** Sought first: what is fetched from now on begins there. */
  #readFrom(seat: Seat, bounds: Bounds, position: number): void {
    this.#ground.member?.seek(seat.partition, position);
    this.#ground.read(seat, bounds, position);
  }

  async #lookAgain(seat: Seat, from: number): Promise<void> {
    const { topic, told } = this.#settings;
    const { partition, expected } = seat;
    seat.state = "placing";
    this.#ground.member?.pause([partition]);
    const bounds = await this.#ground.asking(async () =>
      boundsOf(await this.#offsets.bounds(topic), partition),
    );
    if (bounds === null) return;
    const look = lookAgain(expected, from, bounds);
    if (look.kind === "anew") {
      this.#ground.beginAnew(seat, look.at);
      this.#readFrom(seat, bounds, look.at);
    } else {
      if (look.kind === "gap") told({ type: "log:gap:seen", topic, partition, from: expected, to: look.to });
      seat.expected = look.kind === "gap" ? look.to : expected;
      seat.jumpedTo = look.kind === "back" ? look.jumpedTo : null;
      seat.state = "reading";
      this.#ground.member?.seek(partition, seat.expected);
    }
    this.#ground.member?.resume([partition]);
  }
}
