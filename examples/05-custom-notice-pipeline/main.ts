/**
 * A notice pipeline of your own. At a counter, a clerk's slips (name, address and sum in the clear) are to be sent at once: no
 * run, no cipher, no bill store. The source, the first and the last stage and the dead letters are our own; the stages between
 * are borrowed, and with them the promise that nobody gets two messages: a slip that comes twice is sent once.
 *
 *     npm run example 05-custom-notice-pipeline
 */
import { createHash } from "node:crypto";
import { Effect, Result } from "effect";
import * as millrace from "millrace";
import { simulatedSender } from "millrace/providers";

interface Slip {
  readonly bill: string;
  readonly name: string;
  readonly email: string;
  readonly won: number | null;
}
const slips: readonly Slip[] = [
  { bill: "b-1", name: "Kim", email: "kim@example.com", won: 48_750 },
  { bill: "b-2", name: "Lee", email: "lee@example.invalid", won: 12_000 }, // refused: no such mailbox
  { bill: "b-1", name: "Kim", email: "kim@example.com", won: 48_750 }, // the clerk has pressed the button twice
  { bill: "b-3", name: "Park", email: "park@example.com", won: null }, // cannot be rendered
  { bill: "b-4", name: "Choi", email: "choi@example.com", won: 9_900 },
];

/** Our own source. It hands over no more than it is asked for; a real one would tell its queue in `settle`. */
let next = 0;
const counter: millrace.QueueSource<Slip> = {
  kind: "queue",
  name: "counter",
  can: {
    individualAck: true,
    partitions: false,
    delayedRetry: false,
    priority: false,
    awaitedRevocation: false,
  },
  open: () => Effect.void,
  pull: ({ records }) =>
    Effect.sync(() => {
      const pulled = slips.slice(next, next + records);
      next += pulled.length;
      const bodies = pulled.map((body, at) => ({
        token: `slip-${next - pulled.length + at}`,
        key: body.bill,
        body,
      }));
      return { records: bodies, ended: next === slips.length };
    }),
  settle: () => Effect.void,
  close: Effect.void,
};

// what the borrowed stages need: a ledger, a policy, a provider with its gate, and leases
const system = millrace.systemPorts;
const { clock } = system;
const now = (): millrace.Instant => millrace.instant(clock.wallMs());
const worker = millrace.workerId("counter-1");
const channel = millrace.channelId("email");
const ledger = millrace.memoryLedger({ now });
const policy = Result.getOrThrow(
  millrace.decodePolicy({
    ...{ version: 1, zone: "Asia/Seoul", expiresAfterMs: 3_600_000 },
    channels: [{ channel, maxAttempts: 1, backoff: { firstMs: 100, factor: 2, capMs: 1_000 } }],
  }),
);
await Effect.runPromise(ledger.activatePolicy(policy.version, policy, "operator"));
const policies = await Effect.runPromise(millrace.policiesAtHand(ledger, clock));
const journal = millrace.memoryProviderJournal(clock);
const sender = simulatedSender({ channel, journal, latencyMs: 20, faults: { rejectedShare: 0 } });
const limits = millrace.DELIVERY_LIMITS;
const ports: millrace.SendPorts = {
  ...{ channel, worker, ledger, policies, sender, system, limits },
  gate: new millrace.ProviderGate({ provider: sender.provider, limits: sender.limits, ports: system }),
  leases: new millrace.Leases({ ledger, worker, leaseMs: limits.leaseMs, system }),
};

/** A template store is one function: the same bytes from the same inputs, and a digest that says which inputs they were. */
const templates: millrace.TemplateStore = {
  version: "v1",
  render: ({ bill }) => {
    const { name, won } = millrace.reveal(bill);
    if (typeof won !== "number")
      return Result.fail(new millrace.Permanent({ message: "the slip has no sum", code: "template" }));
    const text = `Dear ${String(name)}, you have paid ${won} won.`;
    const parts = { subject: "Your receipt", html: null, text };
    return Result.succeed({
      message: new millrace.Sensitive("message", parts, millrace.maskWhole(text)),
      digest: `v1:${createHash("sha256").update(text).digest("hex")}`,
    });
  },
};

/** Our own first stage: the slip becomes a notice of the ledger that is claimed by us, and is opened already. */
const admit = (slip: Slip) =>
  Effect.gen(function* () {
    const notice = {
      noticeId: millrace.noticeId(`receipt-${slip.bill}`),
      period: millrace.period(202611),
      actor: worker,
    };
    const [ingested] = yield* ledger.ingest([
      {
        ...{ ...notice, billId: slip.bill, purpose: "receipt", userId: slip.bill, kind: "bill", priority: 0 },
        ...{ dueAt: now(), expiresAt: millrace.instant(now() + policy.expiresAfterMs) },
        ...{ contacts: { [channel]: "at the counter" }, routing: {}, content: {} },
      },
    ]);
    const known = ingested === undefined ? "nothing" : Result.getOrThrow(ingested).verdict;
    if (known !== "won") return yield* new millrace.Permanent({ message: "it was taken in before" });
    yield* ledger.apply("route", [
      {
        ...{ type: "route", ...notice, epoch: 0, runId: null, republishInMs: limits.republishMs },
        choice: { channel, policyVersion: policy.version },
      },
    ]);
    const { leaseMs } = limits;
    const [claim] = yield* ledger.apply("claim", [
      { type: "claim", ...notice, epoch: 1, owner: worker, leaseMs },
    ]);
    const claimed = claim === undefined ? null : Result.getOrThrow(claim).claimed;
    if (claimed === null) return yield* new millrace.Permanent({ message: "somebody else has claimed it" });
    ports.leases.take(claimed.notice);
    return {
      ...{ notice: claimed.notice, contents: claimed.contents, policy },
      to: new millrace.Sensitive("email", slip.email, millrace.maskEmail(slip.email)),
      bill: new millrace.Sensitive("bill", { name: slip.name, won: slip.won }, millrace.maskWhole(slip.name)),
    };
  });

/** Our own last stage: what has come to its end without a message is the clerk's. */
const tellClerk = ({ command, why }: millrace.Settling): void => {
  const hasFailed = command !== null && "next" in command && command.next.kind === "fail";
  if (hasFailed || command?.type === "doubt") throw new millrace.Permanent({ message: why });
};

const deadLetters: string[] = [];
const ended = await millrace
  .pipeline({
    name: "receipts",
    source: counter,
    window: { credits: 2 },
    flow: (slip) =>
      slip.pipe(
        millrace.stage({ name: "admit", work: admit }),
        millrace.renderNotice({ templates }),
        millrace.sendNotice(ports),
        millrace.noticeFallBack(ports), // whatever has happened above becomes a settlement …
        millrace.settleNotice(ports), // … and the ledger is told
        millrace.step({ name: "tell-clerk", work: tellClerk }),
      ),
    diversions: {
      // `Permanent` means here: the slip before it was sent, or is being sent
      admit: ({ failure }) => (failure._tag === "Permanent" ? millrace.done() : millrace.deadLetter()),
      "fall-back": millrace.deadLetter,
      "settle-notice": millrace.deadLetter,
      "tell-clerk": millrace.deadLetter,
    },
    // our own dead letters: a line on the clerk's screen
    deadLetters: {
      write: (records) =>
        Effect.sync(() => void deadLetters.push(...records.map(({ key, reason }) => `${key}: ${reason}`))),
    },
  })
  .start().done;
await Effect.runPromise(ports.leases.giveBack);
await sender.close();
policies.stop();

console.log(`${ended.how}; ${slips.length} slips`);
for (const { notice } of ledger.notices()) console.log(`${notice.noticeId} ${notice.status}`);
for (const line of deadLetters.sort()) console.log(`to the clerk: ${line}`);
