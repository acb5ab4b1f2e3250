/**
 * What each check of the table is for, found by taking it away. The table below is checked by `mutants.spec.ts`, and
 * with all worlds by `npm run prove:search -- --mutants`.
 *
 * - **needed**: without it the search finds harm.
 * - **form**: without it somebody writes what S4 or S5 forbids, and harms nobody; or only where `and` is gone too.
 * - **redundant**: without it alone there is no harm; without `beside` as well there is, which `beside` alone keeps off.
 * - **repeats**: whenever it says no the `other` says no too, wherever the search gets. It cannot be shown by a pair,
 *   because the other is needed by itself.
 * - **saves work**: without it nothing is harmed; what it saves is said.
 * - **not searched**: the world of the search does not get there; why is said.
 */
import type { Bounds, Misdeed } from "./bounds.ts";
import type { Counting } from "./invariants.ts";
import { search, type SearchResult } from "./search.ts";
import { tableWithout } from "./without.ts";

const SMALL = { cancels: false, expiry: false } as const;

/** Small worlds, each with what a mutant needs to show itself. */
export const WORLDS = {
  C: SMALL,
  "C, cancels": { expiry: false },
  "C, an end": { cancels: false },
  "C, one process": { ...SMALL, oneOwner: true },
  "C, two generations": { expiry: false, generations: 2 },
  "C, breaks its class": { ...SMALL, c2: false },
  B: { ...SMALL, providerClass: "B" },
  "B, Δ = never": { ...SMALL, providerClass: "B", delta: null },
  A: { ...SMALL, providerClass: "A" },
  "A, an end": { cancels: false, providerClass: "A" },
  "A, breaks its class": { ...SMALL, providerClass: "A", c2: false },
} as const satisfies Record<string, Partial<Bounds>>;
export type WorldName = keyof typeof WORLDS;

interface Shown {
  readonly world: WorldName;
  /** The invariant that breaks. */
  readonly breaks: string;
}

interface Pair extends Shown {
  readonly beside: readonly string[];
}

export type Purpose =
  | ({ readonly kind: "needed" } & Shown)
  | ({ readonly kind: "form"; readonly and?: Pair } & Shown)
  | ({ readonly kind: "redundant"; readonly counting?: Counting } & Pair)
  | { readonly kind: "repeats"; readonly other: string; readonly world: WorldName }
  | { readonly kind: "saves work"; readonly what: string }
  | { readonly kind: "not searched"; readonly why: string };

const needed = (world: WorldName, breaks: string): Purpose => ({ kind: "needed", world, breaks });
const form = (world: WorldName, breaks: string, and?: Pair): Purpose => ({
  kind: "form",
  world,
  breaks,
  ...(and === undefined ? {} : { and }),
});
const redundant = (
  beside: readonly string[],
  world: WorldName,
  breaks: string,
  counting?: Counting,
): Purpose => ({
  kind: "redundant",
  beside,
  world,
  breaks,
  ...(counting === undefined ? {} : { counting }),
});
const savesWork = (what: string): Purpose => ({ kind: "saves work", what });
const notSearched = (why: string): Purpose => ({ kind: "not searched", why });
const LOST_ANSWER = "a repeat after a lost answer is told that it is done, instead of lost";
const GATE_AGAIN = "T6 asks again; what would be refused there is not queued, published and claimed first";

export const PURPOSES: Readonly<Record<string, Purpose>> = {
  "T2.status": needed("C", "S7"),
  "T2.epoch": savesWork(
    "a router with an old look routes nothing that another has just put back; all else is asked of the row",
  ),
  "T2.due": savesWork("T3 waits for the due time as well; nothing is published only to be refused"),
  "T2.held": needed("C", "held"),
  "T2.expired": savesWork(GATE_AGAIN),
  "T2.suppressed": savesWork(GATE_AGAIN),
  "T2.choice": needed("C", "S2"),
  "T2.paused": savesWork(GATE_AGAIN),
  "T2h.already-mine": savesWork(LOST_ANSWER),
  "T2h.status": needed("C", "held"),
  "T2h.epoch": savesWork(
    "a router with an old look holds nothing that another has just put back; a resume would lift it",
  ),
  "T2h.contradiction": needed("C, breaks its class", "held"),
  "T2h.reason": needed("C", "held"),
  "T2x.status": needed("C", "S7"),
  "T2x.suppressed": needed("C", "a reason for every end"),
  "TP.status": form("C", "S5"),
  "TP.epoch": savesWork("a publisher with an old look does not put off the next publish"),
  "T3.already-mine": savesWork(
    "a claim whose answer was lost is worked on at once, instead of after its lease",
  ),
  "T3.status": needed("C", "held"),
  "T3.epoch": savesWork(
    "an old record is not prepared once more; whoever claims gets an epoch of its own anyway",
  ),
  "T3.contradiction": savesWork(GATE_AGAIN),
  "T3.due": needed("C", "due"),
  "T3.expired": savesWork(GATE_AGAIN),
  "T3r.status": form("C, one process", "S5", {
    beside: ["T4.status"],
    world: "C, one process",
    breaks: "S7",
  }),
  "T3r.epoch": form("C", "S4"),
  "T4.status": redundant(["T4.lease"], "C", "held"),
  "T4.epoch": savesWork(
    "a sweeper with an old look does not judge the lease of a newer claim; T4.lease looks at the row",
  ),
  "T4.lease": savesWork("a living worker keeps its claim; who loses it is refused at T6"),
  "T4.connected": savesWork("leases that could not be renewed while the database was away are left alone"),
  "T5.already-mine": savesWork(LOST_ANSWER),
  "T5.status": needed("C, one process", "S7"),
  "T5.epoch": form("C", "S4"),
  "T5f.already-mine": savesWork(LOST_ANSWER),
  "T5f.status": needed("C, one process", "S7"),
  "T5f.epoch": form("C", "S4", { beside: ["T5f.other-channel"], world: "C", breaks: "S11" }),
  "T5f.other-channel": redundant(["T5f.epoch"], "C", "S11"),
  "T6.already-mine": savesWork("a right whose answer was lost is used, instead of becoming a doubt"),
  "T6.status": redundant(["T6.index"], "C, one process", "S3"),
  "T6.epoch": needed("C", "S11"),
  "T6.new-attempt": redundant(["T6.status", "T6.index"], "C", "S8"),
  "T6.cancel": notSearched(
    "no claimed notice carries a request: T14 ends it at once, T9 and T12 honour what waited, T13 forgets it",
  ),
  "T6.contradiction": needed("C, breaks its class", "held"),
  "T6.suppressed": needed("C", "S10"),
  "T6.paused": needed("C", "S10"),
  "T6.policy": needed("C", "S10"),
  "T6.quiet": needed("C", "S10"),
  "T6.expires": needed("C, an end", "S10"),
  "T6.index": redundant(["T6.status"], "C, one process", "S3"),
  "T6n.status": needed("C, one process", "S7"),
  "T6n.epoch": form("C", "S4"),
  "T8.already-mine": needed("C", "no contradiction"),
  "T8.attempt": notSearched(
    "nobody speaks of an attempt that never was; such a word would leave a line in the history",
  ),
  "T9.already-mine": savesWork(LOST_ANSWER),
  "T9.status": redundant(["T9.attempt"], "C", "S5", "all"),
  "T9.owner": redundant(["T9.attempt"], "C", "S11"),
  "T9.attempt": needed("C, one process", "S11"),
  "T9.copies": redundant(["T9.status", "T9.attempt"], "A", "no contradiction"),
  "T10.already-mine": savesWork(LOST_ANSWER),
  "T10.status": redundant(["T10.attempt"], "C, one process", "S5", "all"),
  "T10.owner": savesWork("nobody else's doubt stops a sending that may still be answered"),
  "T10.attempt": savesWork("an old attempt's doubt stops no newer sending that may still be answered"),
  "T11.status": needed("A", "no contradiction"),
  "T11.window": savesWork("a sending that may still be answered is not doubted yet"),
  "T11r.status": { kind: "repeats", other: "T11r.attempt", world: "A" },
  "T11r.attempt": needed("A", "S2"),
  "T11r.class": redundant(["T11r.window"], "C", "S1"),
  "T11r.copies": savesWork(
    "of two resends decided at once one is enough; T11r.spaced keeps the second off until the first is settled",
  ),
  "T11r.digest": needed("A", "S13"),
  "T11r.spaced": needed("A", "no contradiction"),
  "T11r.window": needed("A", "S1"),
  "T11r.contradiction": needed("A, breaks its class", "held"),
  "T11r.suppressed": needed("A", "S10"),
  "T11r.paused": needed("A", "S10"),
  "T11r.policy": needed("A", "S10"),
  "T11r.quiet": needed("A", "S10"),
  "T11r.expires": needed("A, an end", "S10"),
  "T12.already-mine": savesWork(LOST_ANSWER),
  "T12.status": redundant(["T12.attempt"], "C", "S5", "all"),
  "T12.attempt": needed("C, one process", "S11"),
  "T12.copies": needed("A", "S12"),
  "T12.owner": needed("A", "no contradiction"),
  "T12.class": redundant(["T12.asked-early"], "C", "no contradiction"),
  "T12.delta": redundant(["T12.asked-late"], "B, Δ = never", "no contradiction"),
  "T12.asked-late": needed("B", "no contradiction"),
  "T12.asked-early": needed("B", "no contradiction"),
  "T12.operator": needed("C", "no contradiction"),
  "T13.status": needed("C, two generations", "S7"),
  "T13.generation": savesWork("a second click on an old failure begins no generation that nobody asked for"),
  "T13.dead-letter": notSearched(
    "nothing in the table closes a failure's letter but its replay; an operator who discards one does",
  ),
  "T13.contradiction": savesWork("it would stand at the router, held all the same: T2.held"),
  "T13.expired": savesWork("a notice past its end is not made ready only to expire"),
  "T14.already-mine": savesWork(LOST_ANSWER),
  "T14.status": needed("C, cancels", "S7"),
  "T16.status": needed("C, an end", "S7"),
  "T16.expired": needed("C", "a reason for every end"),
};

/** A rule of the people and programs around the table, broken; and C3 itself, taken away. */
export interface Breach {
  readonly name: string;
  readonly bounds: Partial<Bounds>;
  readonly breaks: string;
}

const misdeed = (name: Misdeed, world: Partial<Bounds>, breaks: string): Breach => ({
  name: `somebody ${name}`,
  bounds: { ...world, misdeed: name },
  breaks,
});
const automatic = { operatorEvidence: false } as const;

export const BREACHES: readonly Breach[] = [
  { name: "no C3 at class A", bounds: { ...WORLDS.A, ...automatic, c3: false }, breaks: "no contradiction" },
  { name: "no C3 at class B", bounds: { ...WORLDS.B, ...automatic, c3: false }, breaks: "no contradiction" },
  { name: "no C3 and an operator's word", bounds: { ...WORLDS.C, c3: false }, breaks: "no contradiction" },
  misdeed("sends after the deadline", WORLDS.C, "no contradiction"),
  misdeed("counts the window from the answer", { ...WORLDS.C, sendWindow: 2 }, "no contradiction"),
  misdeed("sends again after a timeout", WORLDS.C, "S1"),
  misdeed("takes a timeout for a refusal", WORLDS.C, "no contradiction"),
  misdeed("sends a resend before its commit is known", WORLDS.A, "S2"),
  misdeed("sends a resend that was refused", WORLDS.C, "S2"),
  misdeed("stamps a look-up with its answer's arrival", WORLDS.B, "no contradiction"),
  misdeed("counts every refusal as the newest copy's", WORLDS.A, "S12"),
  misdeed("ignores acceptances", WORLDS.B, "liveness"),
];

/** A table without a check may have no end of rows; a search that was not finished says so. */
const LIMITS = { maxStates: 1_000_000, maxViews: 30_000 };

export const searchWithout = (
  checks: readonly string[],
  world: WorldName,
  counting: Counting,
  limits: { readonly maxStates?: number; readonly maxViews?: number } = LIMITS,
): SearchResult => search({ table: tableWithout(...checks), bounds: WORLDS[world], counting, ...limits });

export const searchBreach = ({ bounds }: Breach): SearchResult =>
  search({ bounds, counting: "harm", ...LIMITS });
