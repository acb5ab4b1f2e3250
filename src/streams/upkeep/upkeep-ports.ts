/**
 * What upkeep needs from outside: the first argument of each of its duties. It serves all channels at once; for a channel whose
 * provider is not among `providers` it does everything but work off its doubts.
 */
import type { ChannelId, NoticeId, Period, WorkerId } from "../../domain/ids.ts";
import type { Doubts } from "../../domain/ports/doubts.ts";
import type { Letter, Letters } from "../../domain/ports/letters.ts";
import type { NoticeLedger } from "../../domain/ports/notice-ledger.ts";
import type { UntoldPoison } from "../../domain/ports/poison-letters.ts";
import type { UntoldResult } from "../../domain/ports/results.ts";
import type { UnheardNotices } from "../../domain/ports/unheard-notices.ts";
import type { DeliveryPorts } from "../delivery/delivery-ports.ts";
import type { Publisher } from "../runtime/publisher.ts";
import type { SystemPorts } from "../runtime/system-ports.ts";
import type { Relayed, TellPage } from "./relay.ts";

/** A record that the log is told of: look at this one. */
export interface QueuedNotice {
  readonly noticeId: NoticeId;
  readonly period: Period;
  /** Of the row as it is queued. */
  readonly epoch: number;
  readonly channel: ChannelId;
}

/** One channel's provider; the gate is the one that the deliveries of this process take their permits from. */
export type UpkeepProvider = Pick<DeliveryPorts, "channel" | "sender" | "gate" | "readContact">;

/** What upkeep asks of the ledger. */
export type UpkeepLedger = Pick<
  NoticeLedger,
  "now" | "apply" | "routePage" | "due" | "held" | "pauses" | "read"
>;

/** Everything that upkeep needs from outside. */
export interface UpkeepPorts extends Pick<
  DeliveryPorts,
  "policies" | "bills" | "cipher" | "templates" | "sealedAbout"
> {
  /** Who does it, for the history. */
  readonly worker: WorkerId;
  readonly ledger: UpkeepLedger;
  readonly doubts: Doubts;
  readonly letters: Pick<Letters, "untold" | "told" | "dueForResend">;
  /** Tells of dead letters: a line each in the log, a record in a topic. */
  readonly tell: TellPage<Letter>;
  /** Final outcomes, and records that could not be read; empty where nobody wants to hear of them: they then stay owed. */
  readonly results: Relayed<UntoldResult> | null;
  readonly poison: Relayed<UntoldPoison> | null;
  readonly providers: readonly UpkeepProvider[];
  /** Empty where the ledger itself is the log: nobody need be told. */
  readonly log: Publisher<QueuedNotice> | null;
  /** What was queued without a log; empty where there is none now either. */
  readonly unheard: UnheardNotices | null;
  readonly system: SystemPorts;
}
