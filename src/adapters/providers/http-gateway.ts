/**
 * A provider behind HTTP: one POST a message, `Idempotency-Key` and body as described in docs, and for class B a GET by our
 * reference. What its answers mean is in `gateway-answer.ts`; class, Δ and windows are configuration, because only the
 * provider's contract says them.
 *
 * One request takes one connection for as long as it is under way, so `maxInFlight` is also the number of connections. A
 * connection that the provider closes in the moment in which it is used again leaves a doubt: idle ones are closed by us first.
 */
import { Effect, Result } from "effect";
import { Agent as HttpAgent, validateHeaderName, validateHeaderValue, type RequestOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { ProviderClass, ProviderTerms } from "../../domain/attempt.ts";
import type { AttemptId, ChannelId } from "../../domain/ids.ts";
import { reveal } from "../../domain/masking-sensitive.ts";
import type { LookUp, Sender, SenderLimits, SendOutcome, SendRequest } from "../../domain/ports/sender.ts";
import { Transient, type Failure } from "../../failure.ts";
import { systemPorts, type SystemPorts } from "../../streams/runtime/system-ports.ts";
import { DelayWheel } from "./delay-wheel.ts";
import { lookUpOf, outcomeOf } from "./gateway-answer.ts";
import { exchange, type Exchange, type Exchanged } from "./gateway-exchange.ts";

/** Where the gateway is, and what it promises. */
export interface HttpGatewayOptions {
  readonly channel: ChannelId;
  /** Default `http-gateway-<channel>`. */
  readonly provider?: string;
  readonly url: string;
  /** Before `/by-reference/<attempt id>`. Default the same as `url`. */
  readonly lookUpUrl?: string;
  /** Sent with each request: the credential, above all. Never shown. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates of authorities to trust instead of the machine's own, in PEM. */
  readonly authorities?: string;
  readonly class: ProviderClass;
  readonly deltaMs: ProviderTerms["deltaMs"];
  readonly limits?: Partial<SenderLimits>;
  /** Longer answers are not read: a 2xx is then unknown. Default 65,536. */
  readonly maxAnswerBytes?: number;
  /** After this an unused connection is closed; the provider should keep it longer. Default 4,000. */
  readonly idleConnectionMs?: number;
  readonly ports?: Pick<SystemPorts, "clock">;
}

/** What it is given where nothing else is said. */
export const GATEWAY_LIMITS: SenderLimits = {
  maxInFlight: 1_000,
  perSecond: null,
  sendWindowMs: 10_000,
  answerWindowMs: 30_000,
};

/** Connections beside those of the requests, so that a look-up does not wait for them. */
const LOOK_UP_CONNECTIONS = 16;

const CLOSED: SendOutcome = {
  kind: "not-handed-over",
  trouble: null,
  words: "the sender was closed before the request left",
};

/**
 * The sender to a provider behind HTTP.
 *
 * @throws RangeError where address or headers cannot be used; it does not show them
 */
export const httpGateway = (options: HttpGatewayOptions): Sender => {
  const {
    channel,
    provider = `http-gateway-${channel}`,
    headers = {},
    class: providerClass,
    deltaMs,
    maxAnswerBytes = 65_536,
    idleConnectionMs = 4_000,
    ports: { clock } = systemPorts,
  } = options;
  const limits: SenderLimits = { ...GATEWAY_LIMITS, ...options.limits };
  const url = addressOf(options.url);
  const lookUpUrl = addressOf(options.lookUpUrl ?? options.url);
  checkHeaders(headers);
  const wheel = new DelayWheel(clock);
  const agents = [url, lookUpUrl].map(({ protocol }) => {
    const Agent = protocol === "https:" ? HttpsAgent : HttpAgent;
    const maxSockets = limits.maxInFlight + LOOK_UP_CONNECTIONS;
    return new Agent({
      ...{ keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: idleConnectionMs },
      ...(options.authorities === undefined ? {} : { ca: options.authorities }),
    });
  });
  const [agent, lookUpAgent] = agents;
  const underWay = new Set<Exchange>();
  let isClosed = false;

  const exchanged = async (
    to: URL,
    request: RequestOptions,
    body: string | null,
    mayStillLeave: () => boolean,
  ): Promise<Exchanged> => {
    const one = exchange({
      ...{ url: to, request, body, mayStillLeave, maxAnswerBytes, clock, wheel },
      connectWithinMs: limits.sendWindowMs,
      answerWithinMs: limits.answerWindowMs,
    });
    underWay.add(one);
    const how = await one.exchanged;
    underWay.delete(one);
    return how;
  };

  const sendOne = async (request: SendRequest): Promise<SendOutcome> => {
    if (isClosed) return CLOSED;
    const body = bodyOf(request);
    const how = await exchanged(
      url,
      {
        method: "POST",
        agent,
        headers: {
          ...headers,
          "content-type": "application/json; charset=utf-8",
          "content-length": Buffer.byteLength(body),
          accept: "application/json",
          "idempotency-key": request.providerKey,
        },
      },
      body,
      request.mayStillLeave,
    );
    switch (how.kind) {
      case "answered":
        return outcomeOf(how.answer, clock.wallMs());
      case "not-left":
        return { kind: "not-handed-over", trouble: how.trouble, words: how.words };
      case "cut-off":
        return { kind: "unknown", words: how.words };
    }
  };

  const lookUp = (attemptId: AttemptId): Effect.Effect<LookUp, Failure> =>
    Effect.flatMap(
      Effect.promise(() =>
        exchanged(
          byReference(lookUpUrl, attemptId),
          { method: "GET", agent: lookUpAgent, headers: { ...headers, accept: "application/json" } },
          null,
          () => !isClosed,
        ),
      ),
      (how) => {
        const seen = how.kind === "answered" ? lookUpOf(how.answer) : Result.fail(how.words);
        return Result.isSuccess(seen)
          ? Effect.succeed(seen.success)
          : Effect.fail(
              new Transient({
                message: `looking attempt ${attemptId} up at ${provider}: ${seen.failure}; it is asked again later`,
                code: "look-up",
              }),
            );
      },
    );

  return {
    provider,
    channel,
    terms: { ...providerClass, deltaMs },
    limits,
    send: (batch) => batch.map(sendOne),
    lookUp: providerClass.class === "B" ? lookUp : null,
    close: async () => {
      isClosed = true;
      for (const one of [...underWay]) one.cut("the sender was closed before the whole answer came");
      for (const each of agents) each.destroy();
      wheel.clear();
    },
  };
};

const bodyOf = ({ reference, attemptId, channel, to, message }: SendRequest): string => {
  const { subject, html, text } = reveal(message);
  return JSON.stringify({
    ...{ reference, attemptId, channel, to: reveal(to) },
    ...(subject === null ? {} : { subject }),
    ...(html === null ? {} : { html }),
    text,
  });
};

/** `<url>/by-reference/<attempt id>`, whatever stands behind the path. */
const byReference = (url: URL, attemptId: AttemptId): URL => {
  const asked = new URL(url);
  asked.pathname = `${url.pathname.replace(/\/+$/, "")}/by-reference/${encodeURIComponent(attemptId)}`;
  return asked;
};

const addressOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new RangeError("the gateway's address must begin with http:// or https://");
  }
  return url;
};

const checkHeaders = (headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new RangeError("a header of the gateway has a name or a value that cannot be sent");
    }
  }
};
