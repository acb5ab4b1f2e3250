/**
 * The leases that this process holds: from the claim until the right to send, or until the notice is given back.
 *
 *   taken ──every third of a lease──▶ renewed … ──drop: right to send, or settled──▶ forgotten
 *                                       └──"lost"──▶ forgotten (T6 will say so, too)
 *
 * A lease decides liveness only: whoever loses one loses time. What is still held when the pipeline closes is given back (T5),
 * so that after a clean shutdown no claimed row is ours.
 */
import { Effect, Result } from "effect";
import type { WorkerId } from "../../domain/ids.ts";
import type { Notice } from "../../domain/notice.ts";
import type { NoticeLedger } from "../../domain/ports/notice-ledger.ts";
import type { Failure } from "../../failure.ts";
import type { Cancel, SystemPorts } from "../runtime/system-ports.ts";
import { inStatements, toldAtTheEnd } from "./at-the-end.ts";

type Held = Pick<Notice, "noticeId" | "period" | "epoch">;

interface Lease extends Held {
  readonly sinceMs: number;
}

/** Whose leases, for how long, by which ledger. */
export interface LeasesOptions {
  readonly ledger: Pick<NoticeLedger, "apply">;
  readonly worker: WorkerId;
  readonly leaseMs: number;
  readonly system: SystemPorts;
}

const CHECKS_PER_THIRD = 3;

/** The leases that one process holds: it renews them, and gives back what is left over. */
export class Leases {
  readonly #options: LeasesOptions;
  /** In the order in which they were taken or renewed last. */
  readonly #held = new Map<string, Lease>();
  #cancel: Cancel | null = null;
  #isRenewing = false;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#held.size;
  }

  take({ noticeId, period, epoch }: Held): void {
    this.#held.delete(noticeId);
    this.#held.set(noticeId, { noticeId, period, epoch, sinceMs: this.#options.system.clock.monotonicMs() });
    this.#arm();
  }

  /** By its epoch: whoever ends an earlier claim of the notice must not forget the one that is held now. */
  drop({ noticeId, epoch }: Pick<Held, "noticeId" | "epoch">): void {
    if (this.#held.get(noticeId)?.epoch === epoch) this.#held.delete(noticeId);
  }

  /** Gives back all that is held; what cannot be given back now lapses by itself. */
  get giveBack(): Effect.Effect<void, Failure> {
    return Effect.suspend(() => {
      this.#cancel?.();
      this.#cancel = null;
      const { ledger, worker } = this.#options;
      const held = [...this.#held.values()];
      this.#held.clear();
      const commands = held.map(({ noticeId, period, epoch }) => ({
        type: "release" as const,
        ...{ noticeId, period, epoch },
        actor: worker,
        dueInMs: 0,
      }));
      return toldAtTheEnd(ledger, "release", commands);
    });
  }

  #arm(): void {
    if (this.#cancel !== null) return;
    const { system, leaseMs } = this.#options;
    this.#cancel = system.clock.after(leaseMs / 3 / CHECKS_PER_THIRD, () => {
      this.#cancel = null;
      if (this.#held.size === 0) return;
      this.#renewDue();
      this.#arm();
    });
  }

  #renewDue(): void {
    if (this.#isRenewing) return;
    const { system, leaseMs, ledger, worker } = this.#options;
    const before = system.clock.monotonicMs() - leaseMs / 3;
    const due: Lease[] = [];
    for (const lease of this.#held.values()) {
      if (lease.sinceMs > before) break;
      due.push(lease);
    }
    if (due.length === 0) return;
    this.#isRenewing = true;
    const renewed = Effect.forEach(
      inStatements(due),
      (batch) => {
        const askedMs = system.clock.monotonicMs();
        const commands = batch.map(({ noticeId, period, epoch }) => ({
          type: "renew" as const,
          ...{ noticeId, period, epoch, leaseMs },
          actor: worker,
        }));
        return Effect.map(ledger.apply("renew", commands), (answers) => {
          batch.forEach((lease, at) => {
            const answer = answers[at];
            if (answer === undefined || this.#held.get(lease.noticeId) !== lease) return;
            this.#held.delete(lease.noticeId);
            if (Result.isSuccess(answer) && answer.success.verdict !== "won") return;
            // one that could not be asked about is asked about again after the others
            this.#held.set(lease.noticeId, {
              ...lease,
              sinceMs: Result.isSuccess(answer) ? askedMs : lease.sinceMs,
            });
          });
        });
      },
      { discard: true },
    );
    Effect.runFork(renewed).addObserver(() => {
      this.#isRenewing = false; // a ledger that is away is asked again at the next check
    });
  }
}
