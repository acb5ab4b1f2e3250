/**
 * A wire to Postgres that can be cut at a given message: before it is passed on, or right after. Messages are counted from
 * the arming on, in each direction for itself; connections made later go through whole.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { NETWORK_HOST } from "./postgres-address.ts";

export interface Cut {
  readonly direction: "to-server" | "to-client";
  /** Counts from 1. */
  readonly message: number;
  /** `before`: the message is lost. `after`: it arrives, and nothing comes back. */
  readonly when: "before" | "after";
}

/** What went through since the arming. */
export interface Passed {
  readonly toServer: number;
  readonly toClient: number;
  /** Those to the server after which it begins to work. */
  readonly asks: readonly number[];
  readonly wasCut: boolean;
}

export interface CuttingProxy {
  readonly port: number;
  readonly arm: (cut: Cut) => void;
  /** Counts without cutting. */
  readonly count: () => void;
  readonly disarm: () => Passed;
  /** Whether the cut that was armed has happened. */
  readonly wasCut: () => boolean;
  readonly close: () => Promise<void>;
}

const ASKS: ReadonlySet<string> = new Set(["Q", "S"]);

/**
 * Each place in which a connection can end, once. That a message arrives and the next one does not is one place, not two, but for where the
 * server sets to work on what has arrived: there it may still be at it, or be done and answer nobody.
 */
export const everyCut = ({ toServer, toClient, asks }: Passed): readonly Cut[] => [
  ...Array.from({ length: toServer }, (_, n): Cut => ({
    direction: "to-server",
    message: n + 1,
    when: "before",
  })),
  ...asks.map((message): Cut => ({ direction: "to-server", message, when: "after" })),
  ...Array.from({ length: toClient }, (_, n): Cut => ({
    direction: "to-client",
    message: n + 1,
    when: "before",
  })),
  { direction: "to-client", message: toClient, when: "after" },
];

/** Splits a stream into the protocol's messages: a type byte and a length, but for the very first, which has no type. */
class Messages {
  #rest = Buffer.alloc(0);
  #typed: boolean;

  constructor(typed: boolean) {
    this.#typed = typed;
  }

  *split(chunk: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#typed ? 1 : 0;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < length) return;
      yield this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#typed = true;
    }
  }
}

export const cuttingProxy = async (server: { readonly port: number }): Promise<CuttingProxy> => {
  const sockets = new Set<Socket>();
  let armed: Cut | undefined;
  let wasCut = false;
  const counted = { "to-server": 0, "to-client": 0 };
  let asks: number[] = [];

  const pass = (from: Socket, to: Socket, messages: Messages, direction: Cut["direction"]): void => {
    const cut = (): void => {
      armed = undefined;
      wasCut = true;
      from.destroy();
      // What was passed on is still delivered; then this end closes too.
      to.end();
      if (direction === "to-server") to.on("data", () => {});
    };
    from.on("data", (chunk: Buffer) => {
      for (const message of messages.split(chunk)) {
        counted[direction] += 1;
        if (direction === "to-server" && ASKS.has(String.fromCharCode(message[0] ?? 0)))
          asks.push(counted[direction]);
        const here = armed?.direction === direction && armed.message === counted[direction];
        if (here && armed?.when === "before") {
          cut();
          return;
        }
        to.write(message);
        if (here) {
          cut();
          return;
        }
      }
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
  };

  const listener = createServer((client) => {
    const upstream = connect(server.port, NETWORK_HOST);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    pass(client, upstream, new Messages(false), "to-server");
    pass(upstream, client, new Messages(true), "to-client");
  });
  await new Promise<void>((resolve) => listener.listen(0, NETWORK_HOST, resolve));

  const start = (cut: Cut | undefined): void => {
    armed = cut;
    wasCut = false;
    counted["to-server"] = 0;
    counted["to-client"] = 0;
    asks = [];
  };
  return {
    // Listening on an address, so it has one.
    port: (listener.address() as AddressInfo).port,
    arm: start,
    count: () => start(undefined),
    disarm: () => {
      armed = undefined;
      return { toServer: counted["to-server"], toClient: counted["to-client"], asks, wasCut };
    },
    wasCut: () => wasCut,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
};
