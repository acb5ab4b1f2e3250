/**
 * The sockets of one client, so that it can be cut off from its brokers for good.
 *
 *   open ──sever──▶ severed: what is there is destroyed, and what is asked for afterwards fails
 *
 * kafkajs has no such end. Its `disconnect` waits for the answers that are under way, and where a broker goes away in that moment it
 * may wait for ever; a client whose `connect` has failed may keep the connection that went well. Either would keep a process alive.
 */
import type { Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";
import { watchedSocket } from "./watched-socket.ts";

const severed = (): Error => Object.assign(new Error("this client was ended"), { code: "CLIENT_ENDED" });

export class OwnSockets {
  readonly #there = new Set<Socket>();
  /** The client was told that they are there. */
  readonly #connected = new WeakSet<Socket>();
  #isSevered = false;

  /** What the client makes its connections by. */
  readonly make: ISocketFactory = (to) => {
    const onConnect = (): void => {
      this.#connected.add(socket);
      to.onConnect();
    };
    const socket = watchedSocket({ ...to, onConnect });
    this.#there.add(socket);
    socket.once("close", () => this.#there.delete(socket));
    if (this.#isSevered) socket.destroy(severed());
    return socket;
  };

  /**
   * With an error: the client does not notice a socket that ends without a word. A connection that it has ended by itself it need not
   * notice, and would tell of as of trouble; but where it has given up before there was one, it still waits for that.
   */
  sever(): void {
    this.#isSevered = true;
    for (const socket of this.#there) {
      const isItsOwnEnd = socket.writableEnded && this.#connected.has(socket);
      socket.destroy(isItsOwnEnd ? undefined : severed());
    }
  }
}
