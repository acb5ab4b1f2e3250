import { tmpdir } from "node:os";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { memoryProviderJournal } from "../../src/adapters/memory/provider-journal.ts";
import { channelId } from "../../src/domain/ids.ts";
import { loadConfig } from "../../src/service/config/load.ts";
import { systemPorts } from "../../src/streams/runtime/system-ports.ts";
import { sendersOf } from "../../src/service/senders-of.ts";

const configOf = (environment: Readonly<Record<string, string>>) => {
  const read = loadConfig({ folder: tmpdir(), environment });
  if (Result.isFailure(read)) throw new Error(JSON.stringify(read.failure));
  return read.success.config;
};
const EMAIL = channelId("email");

describe("the senders of the configured providers", () => {
  it("declare what is written of their provider: its class, Δ, and how much it is given", async () => {
    const senders = sendersOf(
      configOf({
        MILLRACE_PROVIDERS_EMAIL_KIND: "http-gateway",
        MILLRACE_PROVIDERS_EMAIL_URL: "http://127.0.0.1:1/messages",
        MILLRACE_PROVIDERS_EMAIL_CLASS: "A",
        MILLRACE_PROVIDERS_EMAIL_WINDOW_MS: "86400000",
        MILLRACE_PROVIDERS_EMAIL_DELTA_MS: "60000",
        MILLRACE_PROVIDERS_EMAIL_PER_SECOND: "100",
        MILLRACE_PROVIDERS_EMAIL_MAX_IN_FLIGHT: "50",
        MILLRACE_DELIVERY_SEND_WINDOW_MS: "7000",
        MILLRACE_DELIVERY_ANSWER_WINDOW_MS: "9000",
      }),
      null,
    );
    const email = senders.get(EMAIL);
    expect([...senders.keys()]).toEqual(["email"]);
    expect(email).toMatchObject({
      provider: "http-gateway-email",
      terms: { class: "A", windowMs: 86_400_000, deltaMs: 60_000 },
      limits: { perSecond: 100, maxInFlight: 50, sendWindowMs: 7_000, answerWindowMs: 9_000 },
    });
    await email?.close();
  });

  it("are simulated ones of class B where nothing is written, and those need a journal", async () => {
    const senders = sendersOf(configOf({}), memoryProviderJournal(systemPorts.clock));
    expect([...senders.values()].map(({ terms }) => [terms.class, terms.deltaMs])).toEqual([
      ["B", 5_000],
      ["B", 5_000],
    ]);
    for (const each of senders.values()) await each.close();
    expect(() => sendersOf(configOf({}), null)).toThrow("a simulated provider needs a journal");
  });
});
