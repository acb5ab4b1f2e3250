/**
 * The providers: one for each channel, simulated or an HTTP gateway. Written flat, kept as what a sender needs.
 *
 * What a provider promises (`class`, `deltaMs`) decides which doubts resolve themselves, so for a real one nothing is
 * assumed: class C, Δ = never, and the windows of A and B have to be written. Where no `kind` is written at all there
 * are two simulated providers, `email` and `sms`, and what is written tunes them.
 */
import type { DeltaMs, ProviderClass, ProviderTerms } from "../../domain/attempt.ts";
import { type ChannelId, channelId } from "../../domain/ids.ts";
import { DAY_MS } from "../../domain/zone-time.ts";
import type { BreakerLimits } from "../../streams/delivery/breaker-limits.ts";
import { BREAKER_SETTINGS, breakerFrom, breakerInForce } from "./breaker-settings.ts";
import type { Secret } from "./secret.ts";
import {
  choice,
  choiceOrNull,
  hidden,
  line,
  lineOrNull,
  msOrNever,
  share,
  whole,
  wholeOrNull,
} from "./setting-kinds.ts";
import type { Setting } from "./setting.ts";
import { headerName, httpUrl } from "./spellings.ts";

export const PROVIDER_KINDS = ["simulated", "http-gateway"] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

const GATEWAY_URL = 'write an address such as "https://gateway.example/messages"';

export const PROVIDER_SETTINGS = {
  kind: choice(PROVIDER_KINDS, "simulated", {
    says: "Who accepts the messages: nobody (`simulated`), or a service that speaks HTTP (`http-gateway`). In production it has to be written.",
  }),
  class: choiceOrNull(["A", "B", "C"], {
    says: "What the provider promises: `A` accepts a key once within `windowMs`, `B` can be asked by our reference for `findableMs`, `C` neither.",
    defaultInWords: "simulated: B; http-gateway: C",
  }),
  deltaMs: msOrNever(DAY_MS, {
    says: "The longest time between our last check before a message leaves and its acceptance by the provider. `never` takes time out of the evidence: doubts then wait for an answer or an operator.",
    defaultInWords: "simulated: 5000; http-gateway: never",
  }),
  windowMs: wholeOrNull(1, 400 * DAY_MS, {
    says: "Class A: how long the provider recognises a key that it has seen.",
    defaultInWords: "simulated: 86400000; http-gateway: to be written",
  }),
  findableMs: wholeOrNull(1, 400 * DAY_MS, {
    says: "Class B: how long after its acceptance a request is found by our reference.",
    defaultInWords: "simulated: 86400000; http-gateway: to be written",
  }),
  perSecond: wholeOrNull(1, 1_000_000, {
    says: "Requests a second at most, counted in each process by itself.",
    defaultInWords: "as fast as it answers",
  }),
  maxInFlight: wholeOrNull(1, 100_000, {
    says: "Requests under way at once, counted in each process by itself; for a gateway also its connections.",
    defaultInWords: "simulated: 20000; http-gateway: 1000",
  }),
  ...BREAKER_SETTINGS,
  url: lineOrNull(
    { says: "http-gateway: where a message is posted.", fix: GATEWAY_URL, defaultInWords: "to be written" },
    httpUrl,
  ),
  lookUpUrl: lineOrNull(
    {
      says: "http-gateway: the address before `/by-reference/<attempt id>`, asked for class B.",
      fix: GATEWAY_URL,
      defaultInWords: "the same as `url`",
    },
    httpUrl,
  ),
  credential: hidden({
    says: "http-gateway: what the provider knows us by, sent with each request.",
    fix: "write the whole value of the header, such as the word Bearer and the token; better in the environment than in a file",
  }),
  credentialHeader: line(
    "authorization",
    { says: "http-gateway: the header that carries the credential.", fix: "write the name of a header" },
    headerName,
  ),
  latencyMs: whole(1_000, 0, 600_000, { says: "simulated: from a request to its answer." }),
  failureShare: share(0.01, { says: "simulated: the part of the requests that is rejected for good." }),
  unknownShare: share(0, {
    says: "simulated: the part that is answered with nothing that can be read, accepted or not.",
  }),
  lostAnswerShare: share(0, {
    says: "simulated: the part that is accepted and whose answer is lost on the way.",
  }),
  seed: whole(1, 0, 2 ** 32 - 1, {
    says: "simulated: the same seed rejects and loses the same requests.",
  }),
} as const satisfies Record<string, Setting<unknown>>;

export type ProviderSettingName = keyof typeof PROVIDER_SETTINGS;
export type ProviderWritten = {
  readonly [Name in keyof typeof PROVIDER_SETTINGS]: (typeof PROVIDER_SETTINGS)[Name]["default"];
};

interface OfProvider {
  readonly channel: ChannelId;
  /** Goes into attempts and metrics: `simulated-email`. */
  readonly name: string;
  readonly terms: ProviderTerms;
  readonly perSecond: number | null;
  readonly maxInFlight: number;
  readonly breaker: BreakerLimits;
}

export interface SimulatedProvider extends OfProvider {
  readonly kind: "simulated";
  readonly latencyMs: number;
  readonly failureShare: number;
  readonly unknownShare: number;
  readonly lostAnswerShare: number;
  readonly seed: number;
}

export interface HttpGatewayProvider extends OfProvider {
  readonly kind: "http-gateway";
  readonly url: string;
  readonly lookUpUrl: string;
  readonly credential: Secret | null;
  readonly credentialHeader: string;
}

export type ProviderConfig = SimulatedProvider | HttpGatewayProvider;

/** The two of a first try. */
export const SIMULATED_CHANNELS: readonly ChannelId[] = [channelId("email"), channelId("sms")];

/** What says something of one kind only. */
const OF_KIND: Readonly<Partial<Record<ProviderSettingName, ProviderKind>>> = {
  url: "http-gateway",
  lookUpUrl: "http-gateway",
  credential: "http-gateway",
  credentialHeader: "http-gateway",
  latencyMs: "simulated",
  failureShare: "simulated",
  unknownShare: "simulated",
  lostAnswerShare: "simulated",
  seed: "simulated",
};

export interface ProviderProblem {
  readonly name: ProviderSettingName;
  readonly problem: string;
  readonly fix: string;
}

const SIMULATED_DELTA_MS = 5_000;
/** A simulated request is a timer; one of a gateway is a connection. */
const MAX_IN_FLIGHT = { simulated: 20_000, "http-gateway": 1_000 } as const satisfies Record<
  ProviderKind,
  number
>;
const classOf = ({ kind, class: written }: ProviderWritten): "A" | "B" | "C" =>
  written ?? (kind === "simulated" ? "B" : "C");

/** What contradicts itself, although each setting can be read. @param isWritten tells a written value from a default */
export const providerContradictions = (
  written: ProviderWritten,
  isWritten: (name: ProviderSettingName) => boolean,
): readonly ProviderProblem[] => {
  const problems: ProviderProblem[] = [];
  for (const [name, kind] of Object.entries(OF_KIND)) {
    const known = name as ProviderSettingName; // a key of the table above
    if (isWritten(known) && written.kind !== kind) {
      problems.push({
        name: known,
        problem: `says nothing of a provider of kind ${written.kind}`,
        fix: "remove it",
      });
    }
  }
  if (written.breakerFirstPauseMs > written.breakerLongestPauseMs) {
    problems.push({
      name: "breakerFirstPauseMs",
      problem: "is longer than the longest pause",
      fix: `write at most breakerLongestPauseMs (${written.breakerLongestPauseMs})`,
    });
  }
  if (written.kind === "simulated") {
    const sum = written.failureShare + written.unknownShare + written.lostAnswerShare;
    if (sum > 1) {
      const fix = "let failureShare, unknownShare and lostAnswerShare add up to at most 1";
      problems.push({ name: "failureShare", problem: "is more than all, with the other shares", fix });
    }
    return problems;
  }
  if (written.url === null) {
    problems.push({ name: "url", problem: "is missing", fix: GATEWAY_URL });
  }
  const missing = { A: "windowMs", B: "findableMs", C: null } as const;
  const needed = missing[classOf(written)];
  if (needed !== null && written[needed] === null) {
    const fix = `write what the provider promises for class ${classOf(written)}, in milliseconds`;
    problems.push({ name: needed, problem: "is missing", fix });
  }
  return problems;
};

/** @throws where `providerContradictions` found something */
export const providerFrom = (channel: ChannelId, written: ProviderWritten): ProviderConfig => {
  const { kind, perSecond } = written;
  const maxInFlight = written.maxInFlight ?? MAX_IN_FLIGHT[kind];
  const every = {
    ...{ channel, name: `${kind}-${channel}`, perSecond, maxInFlight },
    terms: termsOf(written),
    breaker: breakerFrom(written),
  };
  if (kind === "simulated") {
    const { latencyMs, failureShare, unknownShare, lostAnswerShare, seed } = written;
    return { ...every, kind, latencyMs, failureShare, unknownShare, lostAnswerShare, seed };
  }
  const { url, credential, credentialHeader } = written;
  if (url === null) throw new Error(`the gateway of channel ${channel} has no address`);
  return { ...every, kind, url, lookUpUrl: written.lookUpUrl ?? url, credential, credentialHeader };
};

const termsOf = (written: ProviderWritten): ProviderTerms => {
  const deltaMs: DeltaMs = written.deltaMs ?? (written.kind === "simulated" ? SIMULATED_DELTA_MS : "never");
  return { ...promiseOf(written), deltaMs };
};

const promiseOf = (written: ProviderWritten): ProviderClass => {
  switch (classOf(written)) {
    case "A":
      return { class: "A", windowMs: written.windowMs ?? DAY_MS };
    case "B":
      return { class: "B", findableMs: written.findableMs ?? DAY_MS };
    case "C":
      return { class: "C" };
  }
};

/** What holds for a provider, setting by setting, with what its kind and class fill in. */
export const providerInForce = (
  provider: ProviderConfig,
): Readonly<Partial<Record<ProviderSettingName, unknown>>> => {
  const { kind, terms, perSecond, maxInFlight, breaker } = provider;
  const every = { kind, ...terms, perSecond, maxInFlight, ...breakerInForce(breaker) };
  if (provider.kind === "simulated") {
    const { latencyMs, failureShare, unknownShare, lostAnswerShare, seed } = provider;
    return { ...every, latencyMs, failureShare, unknownShare, lostAnswerShare, seed };
  }
  const { url, lookUpUrl, credential, credentialHeader } = provider;
  return { ...every, url, lookUpUrl, credential, credentialHeader };
};
