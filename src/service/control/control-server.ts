/**
 * The HTTP side of the service: health, readiness, metrics, and the trigger. On loopback unless told otherwise, and beyond
 * it only with a token.
 *
 * It must never hold up the work: bodies, headers, connections and the time for a request are bounded, and what it is asked
 * is answered by the event loop that also sends. It closes with the process: idle connections at once, the others when they
 * have been answered or the patience is over.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isLoopback } from "../config/contradictions.ts";
import type { Secret } from "../config/secret.ts";
import { Refusal } from "../refusal.ts";
import { admission } from "./admission.ts";
import { answersOf, bugAnswer, type HttpAnswer } from "./answers.ts";
import type { ControlPorts } from "./control-ports.ts";

export interface ControlOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: Secret | null;
  /** For a request to arrive whole. Default 10,000. */
  readonly requestTimeoutMs?: number;
}

export interface ControlServer {
  readonly host: string;
  readonly port: number;
  /** From now on these are asked; what is under way is answered by those before. */
  readonly answerFrom: (ports: ControlPorts) => void;
  /** Takes nothing new, and ends what is under way after `patienceMs`. Default 1,000. */
  readonly close: (patienceMs?: number) => Promise<void>;
}

/** Probes and a scraper need a handful. */
const MAX_CONNECTIONS = 100;
const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
/** How often the server looks for requests that take too long. */
const LOOK_EVERY_MS = 1_000;
const KEEP_ALIVE_MS = 5_000;

/** Rejects with a `Refusal` where it may not or cannot listen. */
export const openControlServer = async (
  { host, port, token, requestTimeoutMs = 10_000 }: ControlOptions,
  first: ControlPorts,
): Promise<ControlServer> => {
  if (!isLoopback(host) && token === null) {
    throw new Refusal(
      "refused",
      `http.host ${host} can be reached from other machines, and there is no token: set MILLRACE_HTTP_TOKEN, or listen on 127.0.0.1`,
    );
  }
  const admit = admission(token);
  let ports = first;
  let answer = answersOf(first);
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, requestTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => {
      answer({ request, admitted: admit(request.headers) })
        .catch((error: unknown) => {
          ports.onBug(error);
          return bugAnswer();
        })
        .then((answered) => {
          // Kept alive, the connection would hold up the end by the keep-alive time.
          if (!server.listening) response.setHeader("connection", "close");
          write(request, response, answered);
        })
        .catch((error: unknown) => ports.onBug(error));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.maxHeadersCount = MAX_HEADERS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(listenRefusal(error, host, port));
    });
    server.listen(port, host, resolve);
  });
  server.on("error", (error) => ports.onBug(error));
  const address = server.address();
  const listening = address !== null && typeof address === "object" ? address.port : port;
  const close = async (patienceMs = 1_000): Promise<void> => {
    const ended = new Promise<void>((resolve) =>
      server.close(() => {
        resolve();
      }),
    );
    server.closeIdleConnections();
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, patienceMs);
    await ended;
    clearTimeout(force);
  };
  const answerFrom = (next: ControlPorts): void => {
    ports = next;
    answer = answersOf(next);
  };
  return { host, port: listening, answerFrom, close };
};

const write = (request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void => {
  const body = Buffer.from(answer.body, "utf8");
  response.statusCode = answer.status;
  response.setHeader("content-type", answer.contentType);
  response.setHeader("content-length", body.length);
  response.setHeader("cache-control", "no-store");
  response.setHeader("x-content-type-options", "nosniff");
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  // A body that was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  response.end(request.method === "HEAD" ? undefined : body);
};

const listenRefusal = (error: NodeJS.ErrnoException, host: string, port: number): Refusal => {
  const place = `port ${port} of ${host}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new Refusal(
        "conflict",
        `${place} is in use: end who holds it, or set MILLRACE_HTTP_PORT`,
        error,
      );
    case "EACCES":
      return new Refusal(
        "refused",
        `${place} may not be listened on: set MILLRACE_HTTP_PORT above 1023`,
        error,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Refusal("refused", `${host} is no address of this machine: set MILLRACE_HTTP_HOST`, error);
    case undefined:
    default:
      return new Refusal("failed", `${place} cannot be listened on (${error.code ?? "unknown"})`, error);
  }
};
