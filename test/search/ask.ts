/**
 * One question to the ledger: a command, and the facts that hold at its commit. What surrounds a notice (pauses,
 * suppressions, quiet hours, the policy in force) can change between any two steps, so it is not part of the world: each
 * ask comes with every combination that matters, and says which of them shut the gate in truth, whatever it claims.
 */
import { stepAfter, type AttemptEnd, type NextStep } from "../../src/domain/fall-back.ts";
import type { ChannelId, WorkerId } from "../../src/domain/ids.ts";
import type { Command, Gate } from "../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { TABLE } from "../../src/domain/lifecycle/transition.ts";
import { ACTIVE, CHANNELS, PINNED, policyOf, type Bounds } from "./bounds.ts";
import { at, NOTICE, NOW, OTHER, OWNER, PERIOD } from "./views.ts";

export interface Ask {
  readonly command: Command;
  readonly facts: Facts;
  /** `T6`, as the table names it. */
  readonly transition: string;
  /** What shuts the gate in truth, or null while it is open. */
  readonly shut: string | null;
  /** The copy that this permits would not be the same bytes. */
  readonly bytesDiffer: boolean;
  /** What the asker has prepared is for another channel than the row's. */
  readonly strayChannel: boolean;
  /** A person asks. */
  readonly operator: boolean;
  /** Nobody's fault and nobody's decision: it belongs to how things go when faults have stopped. */
  readonly usual: boolean;
}

export const CALM: Facts = { now: NOW, suppressed: false, paused: [], activePolicyVersion: ACTIVE };
export const SUPPRESSED: Facts = { ...CALM, suppressed: true };
export const PAUSED: Facts = { ...CALM, paused: ["*"] };

export type Manner = Partial<
  Pick<Ask, "facts" | "shut" | "bytesDiffer" | "strayChannel" | "operator" | "usual">
>;

export const ask = (command: Command, manner: Manner = {}): Ask => ({
  command,
  facts: manner.facts ?? CALM,
  transition: TABLE[command.type].id,
  shut: manner.shut ?? null,
  bytesDiffer: manner.bytesDiffer ?? false,
  strayChannel: manner.strayChannel ?? false,
  operator: manner.operator ?? false,
  usual: manner.usual ?? true,
});

export const from = (actor: string): Pick<Command, "noticeId" | "period" | "actor"> => ({
  noticeId: NOTICE,
  period: PERIOD,
  actor,
});

/** Asks by what they depend on: the same words are put to thousands of views, and made once. */
export class KeptAsks {
  readonly #kept = new Map<string, readonly Ask[]>();

  of(key: string, make: () => readonly Ask[]): readonly Ask[] {
    let asks = this.#kept.get(key);
    if (asks === undefined) this.#kept.set(key, (asks = make()));
    return asks;
  }
}

/** Whom a slot of the world is to the ledger. */
export const nameOf = (owns: boolean): WorkerId => (owns ? OWNER : OTHER);

/** What the pinned policy says comes after an attempt has ended so. */
export const nextStep = (
  bounds: Bounds,
  channel: ChannelId | null,
  attemptNo: number,
  end: AttemptEnd,
): NextStep =>
  channel === null
    ? { kind: "fail", because: "no channel" }
    : stepAfter(policyOf(bounds), { channel, attemptNo, end }, CHANNELS.slice(0, bounds.channels), 0);

/** What of a view `gates` depends on. */
export const gatesKey = ({ sendWindow }: Bounds, { notice }: NoticeView): string =>
  `${notice.channel} ${at(sendWindow) < notice.expiresAt}`;

/** The gate open, and shut in each way; a gate computed from a policy that is no longer in force knows nothing. */
export const gates = (
  { sendWindow }: Bounds,
  { notice }: NoticeView,
): (Manner & { readonly gate: Gate })[] => {
  const sendBy = at(sendWindow);
  const gate: Gate = { policyVersion: ACTIVE, openFrom: at(-9), openUntil: at(50) };
  const ended = sendBy < notice.expiresAt ? null : "its own end comes before send_by";
  const shut = (why: string, rest: Manner & { readonly gate?: Gate }): Manner & { readonly gate: Gate } => ({
    gate,
    usual: false,
    shut: why,
    ...rest,
  });
  return [
    { gate, shut: ended },
    shut("the recipient is suppressed", { facts: SUPPRESSED }),
    shut("everything is paused", { facts: PAUSED }),
    ...(notice.channel === null
      ? []
      : [shut(`${notice.channel} is paused`, { facts: { ...CALM, paused: [notice.channel] } })]),
    shut("the policy now in force is quiet", { gate: { ...gate, policyVersion: PINNED } }),
    shut("quiet hours begin by send_by", { gate: { ...gate, openUntil: sendBy } }),
    shut("it is quiet", { gate: { ...gate, openFrom: at(1) } }),
  ];
};
