import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OwnSockets } from "../../../../src/adapters/kafka/kafkajs/own-sockets.ts";

describe("the sockets of a client", () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer((there) => there.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  /** @param ssl the client gives null where there is no TLS, against its own types */
  const made = (sockets: OwnSockets, ssl: object | null = null): Socket => {
    // listening on an address, so it has one
    const { port } = server.address() as AddressInfo;
    return sockets.make({ host: "127.0.0.1", port, ssl: ssl as never, onConnect: () => undefined });
  };

  it("are destroyed with an error when it is severed, and what it asks for afterwards fails", async () => {
    const sockets = new OwnSockets();
    const one = made(sockets);
    await once(one, "connect");
    const broken = once(one, "error");
    sockets.sever();
    expect(await broken).toMatchObject([{ code: "CLIENT_ENDED" }]);
    const late = made(sockets);
    expect(await once(late, "error")).toMatchObject([{ code: "CLIENT_ENDED" }]);
    expect([one.destroyed, late.destroyed]).toEqual([true, true]);
  });

  it("are destroyed without a word where the client has ended them, however long the broker keeps its side open", async () => {
    const sockets = new OwnSockets();
    const one = made(sockets);
    await once(one, "connect");
    let errors = 0;
    one.on("error", () => (errors += 1));
    one.end();
    const closed = once(one, "close");
    sockets.sever();
    await closed;
    expect(errors).toBe(0);
  });

  it("fail where the client has ended them before there was a connection: it still waits for that one", async () => {
    const sockets = new OwnSockets();
    const accepted = once(server, "connection");
    const one = made(sockets, {}); // nobody answers in TLS here
    await accepted;
    one.end();
    const broken = once(one, "error");
    sockets.sever();
    expect(await broken).toMatchObject([{ code: "CLIENT_ENDED" }]);
  });

  it("are left alone where they have closed by themselves", async () => {
    const sockets = new OwnSockets();
    const one = made(sockets);
    await once(one, "connect");
    one.destroy();
    await once(one, "close");
    let errors = 0;
    one.on("error", () => (errors += 1));
    sockets.sever();
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toBe(0);
  });
});
