/**
 * A third channel beside e-mail and SMS: an app's push messages. It takes a sender (`push-sender.ts`), a line in the policy
 * (`policy.json`: push first, then e-mail, then SMS) and a text (`templates/v1/bill/push.hbs`). No stage is changed.
 *
 * Whoever has no app goes to e-mail at once; whoever has removed it falls back to e-mail, and from there to SMS.
 *
 *     npm run example 06-add-a-channel
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Effect, Result } from "effect";
import * as millrace from "millrace";
import { contentCipher, decodeKeyRing } from "millrace/crypto";
import { simulatedSender } from "millrace/providers";
import { templateStore } from "millrace/templates";
import { pushSender } from "./push-sender.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const system = millrace.systemPorts;
const { clock } = system;
const worker = millrace.workerId("example");

// what is shared by all channels; in a service the ledger is `millrace/postgres`, and nothing else changes
const ledger = millrace.memoryLedger({ now: () => millrace.instant(clock.wallMs()) });
const policy = Result.getOrThrow(
  millrace.decodePolicy(JSON.parse(readFileSync(here("./policy.json"), "utf8"))),
);
await Effect.runPromise(ledger.activatePolicy(policy.version, policy, "operator"));
const policies = await Effect.runPromise(millrace.policiesAtHand(ledger, clock));
const key = Buffer.alloc(32, "only for this example").toString("base64");
const ring = decodeKeyRing(JSON.stringify({ present: "k1", keys: { k1: key } }), "the example");
const cipher = contentCipher({ ring: Result.getOrThrow(ring) });
const templates = Result.getOrThrow(templateStore({ folder: here("./templates") }));

// the candidates: what is known of a person is sealed before the ledger sees it
const people: Record<string, Record<string, string>> = {
  kim: { push: "token-kim", email: "kim@example.com" },
  lee: { push: "token-removed", email: "lee@example.com" },
  park: { email: "park@example.com" },
  // whatever goes to an address under `.invalid` the simulated provider refuses
  choi: { push: "token-removed", email: "choi@example.invalid", sms: "010-1234-5678" },
};
const seal = (text: string, name: string): string => cipher.seal(millrace.conceal(text), name);
await Effect.runPromise(
  ledger.ingest(
    Object.entries(people).map(([name, contacts]) => ({
      noticeId: millrace.noticeId(`notice-${name}`),
      period: millrace.period(202611),
      billId: `bill-${name}`,
      ...{ purpose: "bill", kind: "bill", priority: 0, userId: name, routing: {}, actor: "example" },
      dueAt: millrace.instant(clock.wallMs()),
      expiresAt: millrace.instant(clock.wallMs() + policy.expiresAfterMs),
      contacts: Object.fromEntries(Object.entries(contacts).map(([at, to]) => [at, seal(to, name)])),
      content: { sealed: seal(JSON.stringify({ name, total: 48_750 }), name), ref: null },
    })),
  ),
);

// the three providers
const journal = millrace.memoryProviderJournal(clock);
const simulated = (channel: string) =>
  simulatedSender({
    channel: millrace.channelId(channel),
    ...{ journal, latencyMs: 20, faults: { rejectedShare: 0 } },
  });
const pushService = {
  push: async (token: string, text: string) => {
    if (token === "token-removed") return { status: 410 };
    console.log(`on the screen of ${token}: ${text.trim()}`);
    return { status: 200 };
  },
};
const senders = [pushSender(pushService), simulated("email"), simulated("sms")];

// one delivery for each channel, alike
const deliveries = senders.map((sender) => {
  const { channel, provider, limits } = sender;
  const { leaseMs } = millrace.DELIVERY_LIMITS;
  const ports: millrace.DeliveryPorts = {
    ...{ channel, worker, ledger, policies, cipher, templates, sender, system },
    bills: { load: (refs) => Effect.succeed(refs.map(() => Result.succeed("{}"))) }, // every bill lies in its row
    sealedAbout: ({ userId }) => userId,
    readContact: millrace.contactRule(channel),
    gate: new millrace.ProviderGate({ provider, limits, ports: system }),
    leases: new millrace.Leases({ ledger, worker, leaseMs, system }),
    limits: millrace.DELIVERY_LIMITS,
  };
  const log = millrace.ledgerDelivery(ports, { queued: millrace.memoryQueuedNotices(ledger) });
  return millrace.deliveryPipeline(ports, log).start();
});

// one run routes the candidates; then each delivery takes what is queued for its channel
const runs = millrace.memoryRuns(ledger);
const runId = millrace.runId("run-1");
await Effect.runPromise(runs.open({ runId, key: "example", cap: 100, actor: "example" }));
await millrace.carryOutRun({
  ...{ runId, worker, runs, policies, pauses: ledger.pauses, system, log: null },
  limits: { pageCount: 100, pagesAhead: 2, republishMs: 60_000, lookAgainMs: 100 },
}).done;
while (ledger.notices().some(({ notice }) => notice.status !== "sent" && notice.status !== "failed"))
  await new Promise((resolve) => setTimeout(resolve, 10));
await Promise.all(deliveries.map((delivery) => delivery.drain(1_000)));
await Promise.all(senders.map((sender) => sender.close()));
policies.stop();

for (const { notice, attempts } of ledger.notices()) {
  const way = attempts.map(({ channel, state }) => `${channel} ${state}`).join(", ");
  console.log(`${notice.noticeId} ${notice.status}: ${way}`);
}
