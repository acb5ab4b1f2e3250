import { once } from "node:events";
import { type AddressInfo, createServer as plainServer, type Server } from "node:net";
import { createServer as tlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { watchedSocket } from "../../../../src/adapters/kafka/kafkajs/watched-socket.ts";
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from "../../../support/test-certificate.ts";

const servers: Server[] = [];
const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // listening on an address, so it has one
  return (server.address() as AddressInfo).port;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** As the client calls it where no TLS is wanted: its types do not say that it gives nothing then. */
const withoutTls = (port: number, onConnect: () => void) =>
  // the client gives null here, against its own types
  watchedSocket({ host: "127.0.0.1", port, ssl: null as never, onConnect });

describe("the socket of a connection to a broker", () => {
  it("fails with what is wrong where we speak without TLS to a port that speaks it", async () => {
    // what a broker answers that cannot read a handshake, as it was seen; then it hangs up
    const server = plainServer((client) => client.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 0x50])));
    const socket = withoutTls(await listening(server), () => undefined);
    const [error] = (await once(socket, "error")) as [unknown]; // one error, of whatever kind
    expect(error).toMatchObject({ code: "BROKER_SPEAKS_TLS" });
  });

  it("carries what comes as it comes where the port is plain", async () => {
    const server = plainServer((client) => client.end(Buffer.from([0, 0, 0, 1, 0x15])));
    const socket = withoutTls(await listening(server), () => undefined);
    const [chunk] = (await once(socket, "data")) as [Buffer]; // a socket's data are buffers
    expect([...chunk]).toEqual([0, 0, 0, 1, 0x15]);
    socket.destroy();
  });

  it("speaks TLS where it is wanted, to a name and to a number", async () => {
    const server = tlsServer({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY }, (client) =>
      client.end("hello"),
    );
    const port = await listening(server);
    for (const host of ["localhost", "127.0.0.1"]) {
      const socket = watchedSocket({ host, port, ssl: { ca: TEST_CERTIFICATE }, onConnect: () => undefined });
      const [chunk] = (await once(socket, "data")) as [Buffer]; // a socket's data are buffers
      expect(chunk.toString()).toBe("hello");
      socket.destroy();
    }
  });
});
