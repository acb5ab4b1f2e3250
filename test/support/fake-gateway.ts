/**
 * An HTTP gateway that misbehaves on demand, and knows what it has accepted: for tests against the real adapter, in this
 * process or in one of its own (`fake-gateway-process.ts`). It names nothing of `src`, so that it can be wrong only by itself.
 *
 * What it accepts it writes down before it answers, as one line of JSON
 * `{"attemptId","reference","channel","acceptedAt","id"}`; started again on the same file it remembers.
 */
import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const GATEWAY_FAULTS = [
  /** The connection is cut on arrival; nothing is accepted. */
  "reset-before",
  /** Accepted, and the connection is cut. */
  "reset-after",
  /** Never answered; every other one is accepted. */
  "hang",
  /** Accepted; the answer breaks off in the middle. */
  "half-answer",
  /** 200 with something that is no JSON; every other one is accepted. */
  "garbage",
  /** 500; every other one is accepted. */
  "error",
  /** A bare 429 or 503; every other one is accepted. */
  "busy-bare",
  "down-bare",
  /** The same with the gateway's word that it has not accepted. */
  "busy-said",
  "down-said",
  /** 422. */
  "refuses",
  /** 422, although it was accepted: the gateway breaks its class. */
  "lies",
] as const;
export type GatewayFault = (typeof GATEWAY_FAULTS)[number];

export interface FakeGatewayOptions {
  /** A remembers keys, B answers look-ups, C does neither. Default C. */
  readonly class?: "A" | "B" | "C";
  /** Default 0: answers at once. */
  readonly latencyMs?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Shares of the requests, each from 0 to 1. */
  readonly faults?: Readonly<Partial<Record<GatewayFault, number>>>;
  /** Only requests of this channel meet a fault. Default: all. */
  readonly faultyChannel?: string;
  /** Only the first request of an attempt meets a fault. Default false. */
  readonly onFirstOnly?: boolean;
  readonly journalFile?: string;
  /** Default 0: a free one. */
  readonly port?: number;
}

/** Longer than any test. */
const KEPT_MS = 3_600_000;

export interface GatewayAcceptance {
  readonly attemptId: string;
  readonly reference: string;
  readonly channel: string;
  readonly acceptedAt: number;
  readonly id: string;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface FakeGateway {
  readonly url: string;
  readonly acceptances: readonly GatewayAcceptance[];
  readonly requests: readonly SeenRequest[];
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

interface Posted {
  readonly attemptId: string;
  readonly reference: string;
  readonly channel: string;
}

const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const draw = (text: string): number => hashOf(text) / 2 ** 32;

/** A line that a kill has cut in the middle was never answered: it goes, so that the next one stands by itself. */
const readAcceptances = (file: string | undefined): GatewayAcceptance[] => {
  if (file === undefined || !existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as GatewayAcceptance); // as it was written here
};

const bodyOf = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

export const startFakeGateway = async (options: FakeGatewayOptions = {}): Promise<FakeGateway> => {
  const { class: itsClass = "C", latencyMs = 0, seed = 1, faults = {}, onFirstOnly = false } = options;
  const acceptances = readAcceptances(options.journalFile);
  const journal = options.journalFile === undefined ? null : openSync(options.journalFile, "a");
  const byKey = new Map(acceptances.map((each) => [each.attemptId, each]));
  const arrivals = new Map<string, number>();
  const requests: SeenRequest[] = [];
  const waits = new Set<NodeJS.Timeout>();

  const accept = ({ attemptId, reference, channel }: Posted): GatewayAcceptance => {
    const remembered = byKey.get(attemptId);
    if (itsClass === "A" && remembered !== undefined) return remembered;
    const id = `gw-${acceptances.length + 1}-${hashOf(attemptId).toString(36)}`;
    const acceptance = { attemptId, reference, channel, acceptedAt: Date.now(), id };
    if (journal !== null) writeSync(journal, `${JSON.stringify(acceptance)}\n`);
    acceptances.push(acceptance);
    if (remembered === undefined) byKey.set(attemptId, acceptance);
    return acceptance;
  };

  const faultOf = ({ attemptId, channel }: Posted, arrival: number): GatewayFault | null => {
    if (onFirstOnly && arrival > 1) return null;
    if (options.faultyChannel !== undefined && channel !== options.faultyChannel) return null;
    let lot = draw(`${seed}/${attemptId}/${arrival}`);
    for (const fault of GATEWAY_FAULTS) {
      lot -= faults[fault] ?? 0;
      if (lot < 0) return fault;
    }
    return null;
  };

  const later = (run: () => void): void => {
    if (latencyMs === 0) {
      run();
      return;
    }
    const wait = setTimeout(() => {
      waits.delete(wait);
      run();
    }, latencyMs);
    waits.add(wait);
  };

  const posted = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const message = JSON.parse(body) as Posted;
    const arrival = (arrivals.get(message.attemptId) ?? 0) + 1;
    arrivals.set(message.attemptId, arrival);
    const fault = faultOf(message, arrival);
    const either = (): void => {
      if (draw(`${message.attemptId}/${arrival}/either`) < 0.5) accept(message);
    };
    const cut = (): void => void request.socket.destroy();
    switch (fault) {
      case "reset-before":
        cut();
        return;
      case "reset-after":
        accept(message);
        later(cut);
        return;
      case "hang":
        either();
        return;
      case "half-answer": {
        const text = JSON.stringify({ id: accept(message).id });
        later(() => {
          response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
          response.write(text.slice(0, text.length >> 1), cut);
        });
        return;
      }
      case "garbage":
        either();
        later(() => response.end("<html>It works!</html>"));
        return;
      case "error":
      case "busy-bare":
      case "down-bare": {
        either();
        const status = { error: 500, "busy-bare": 429, "down-bare": 503 }[fault];
        later(() => response.writeHead(status, { "retry-after": "1" }).end());
        return;
      }
      case "busy-said":
      case "down-said":
        later(() =>
          json(response, fault === "busy-said" ? 429 : 503, { accepted: false }, { "retry-after": "1" }),
        );
        return;
      case "refuses": {
        // class A answers a repeat of what it has accepted as accepted, whatever it thinks of it now
        const remembered = itsClass === "A" ? byKey.get(message.attemptId) : undefined;
        later(() =>
          remembered === undefined
            ? json(response, 422, { error: "no such mailbox" })
            : json(response, 200, { id: remembered.id }),
        );
        return;
      }
      case "lies":
        accept(message);
        later(() => json(response, 422, { error: "no such mailbox" }));
        return;
      case null: {
        const { id } = accept(message);
        later(() => json(response, 201, { id }));
      }
    }
  };

  const asked = (response: ServerResponse, path: string): void => {
    const [address = ""] = path.split("?");
    const attemptId = decodeURIComponent(address.slice(address.lastIndexOf("/") + 1));
    const acceptance = byKey.get(attemptId);
    if (itsClass !== "B") response.writeHead(404).end();
    else if (acceptance === undefined) json(response, 404, { accepted: false });
    else json(response, 200, { id: acceptance.id, status: "accepted" });
  };

  const server: Server = createServer((request, response) => {
    request.on("error", () => undefined);
    bodyOf(request).then(
      (body) => {
        const { method = "", url: path = "", headers } = request;
        requests.push({ method, path, headers, body });
        if (method === "POST") posted(request, response, body);
        else asked(response, path);
      },
      () => undefined,
    );
  });
  // given up by whoever calls: one that is closed while a request is on its way is a doubt that nobody has asked for
  server.keepAliveTimeout = KEPT_MS;
  let connections = 0;
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  // a server that listens on a port has an address of this kind
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/messages`,
    acceptances,
    requests,
    connections: () => connections,
    close: async () => {
      for (const wait of waits) clearTimeout(wait);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (journal !== null) closeSync(journal);
    },
  };
};
