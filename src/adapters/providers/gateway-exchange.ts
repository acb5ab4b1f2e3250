/**
 * One request and its answer, and between them the one line that decides everything: before the first byte of the request
 * a trouble means that nothing left; from it on nobody knows, unless the whole answer has come.
 *
 * The request is written only when its connection stands (for TLS: when it is agreed), and whoever asked is asked once
 * more right before that. Nothing is repeated: not on another connection, not after a redirect.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import type { ProviderTrouble } from "../../domain/ports/sender.ts";
import type { Cancel, Clock } from "../../streams/runtime/system-ports.ts";
import type { DelayWheel } from "./delay-wheel.ts";
import type { GatewayAnswer } from "./gateway-answer.ts";
import { allowsToLeave } from "./may-leave.ts";

export type Exchanged =
  | { readonly kind: "answered"; readonly answer: GatewayAnswer }
  | { readonly kind: "not-left"; readonly trouble: ProviderTrouble | null; readonly words: string }
  | { readonly kind: "cut-off"; readonly words: string };

export interface ExchangeOptions {
  readonly url: URL;
  readonly request: RequestOptions;
  readonly body: string | null;
  readonly mayStillLeave: () => boolean;
  /** Until the connection stands. */
  readonly connectWithinMs: number;
  /** From the first byte of the request to the last of the answer. */
  readonly answerWithinMs: number;
  readonly maxAnswerBytes: number;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly wheel: DelayWheel;
}

/** Certificates that do not fit: somebody has to mend the configuration, or the provider its certificate. */
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_)/;
const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no code";

export interface Exchange {
  readonly exchanged: Promise<Exchanged>;
  /** Ends it as whatever it is at this moment. */
  readonly cut: (words: string) => void;
}

/** What a connection had heard when its last answer was whole. */
const heardUntil = new WeakMap<Socket, number>();

/** Unasked, like the 408 of a server that is about to close: what is asked next might be lost, or get that for its answer. */
const hasSpoken = (socket: Socket): boolean => {
  const heard = heardUntil.get(socket);
  return heard !== undefined && socket.bytesRead !== heard;
};

export const exchange = (options: ExchangeOptions): Exchange => {
  const { url, mayStillLeave, connectWithinMs, answerWithinMs, clock, wheel } = options;
  let settle: (exchanged: Exchanged) => void = () => undefined;
  const exchanged = new Promise<Exchanged>((resolve) => (settle = resolve));
  let request: ClientRequest | null = null;
  let hasLeft = false;
  let isOver = false;
  let leftAtMs = 0;
  let usedSocket: Socket | null = null;
  let deadline: Cancel = () => undefined;

  const end = (how: Exchanged): void => {
    if (isOver) return;
    isOver = true;
    deadline();
    settle(how);
    // An answer that came whole leaves its connection for the next one; everything else takes it along.
    if (how.kind !== "answered") request?.destroy();
  };
  const cut = (words: string, trouble: ProviderTrouble | null = null): void => {
    end(hasLeft ? { kind: "cut-off", words } : { kind: "not-left", trouble, words });
  };

  const leave = (open: ClientRequest, socket: Socket): void => {
    if (isOver) return;
    if (socket.destroyed || !socket.writable || hasSpoken(socket)) {
      cut("an idle connection was being closed before the request left");
      return;
    }
    if (!allowsToLeave(mayStillLeave)) {
      cut("it was no longer allowed to leave when it could");
      return;
    }
    hasLeft = true;
    usedSocket = socket;
    leftAtMs = clock.monotonicMs();
    deadline();
    deadline = wheel.after(answerWithinMs, () => cut(`no whole answer within ${answerWithinMs} ms`));
    open.end(options.body ?? undefined);
  };

  deadline = wheel.after(connectWithinMs, () => cut(`no connection within ${connectWithinMs} ms`, "down"));
  try {
    request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options.request);
  } catch (error) {
    cut(`the request cannot be made: ${codeOf(error)}`, "address");
    return { exchanged, cut };
  }
  const open = request;
  open.on("error", (error) => {
    const code = codeOf(error);
    if (hasLeft) cut(`the connection broke after the request had left: ${code}`);
    else cut(`no connection: ${code}`, CERTIFICATE.test(code) ? "address" : "down");
  });
  open.on("close", () => cut("the connection was closed", "down"));
  open.on("socket", (socket) => {
    // The agent hands out a socket that is still connecting, or one that has served before.
    if (isReady(socket)) leave(open, socket);
    else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => leave(open, socket));
  });
  open.on("response", (response) => {
    read(response, options.maxAnswerBytes, (body) => {
      const { statusCode = 0, headers } = response;
      const answer = {
        status: statusCode,
        retryAfter: headers["retry-after"],
        body,
        tookMs: clock.monotonicMs() - leftAtMs,
      };
      if (usedSocket !== null) heardUntil.set(usedSocket, usedSocket.bytesRead);
      end({ kind: "answered", answer });
      if (body === null) response.destroy();
    });
    response.on("error", (error) => cut(`the answer broke off: ${codeOf(error)}`));
  });
  return { exchanged, cut };
};

/** The next byte that is written is the request's: connected, and for TLS agreed on everything. */
const isReady = (socket: Socket): boolean =>
  !socket.connecting && (!(socket instanceof TLSSocket) || ![null, "unknown"].includes(socket.getProtocol()));

/** @param whole told once, when the body has ended, or (with `null`) as soon as it is longer than the limit */
const read = (response: IncomingMessage, maxBytes: number, whole: (body: string | null) => void): void => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      chunks.length = 0;
      whole(null);
    } else chunks.push(chunk);
  });
  response.on("end", () => {
    if (response.complete && bytes <= maxBytes) whole(Buffer.concat(chunks).toString("utf8"));
  });
};
