import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, it } from "vitest";
import { speaksTls } from "../../../../src/adapters/kafka/rdkafka/tls-probe.ts";
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from "../../../support/test-certificate.ts";

const WITHIN_MS = 5_000;

const probed = async (server: Server, withinMs = WITHIN_MS): Promise<boolean> => {
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // listening on an address, so it has one
  const { port } = server.address() as AddressInfo;
  const answer = await speaksTls("127.0.0.1", port, withinMs);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return answer;
};

it("a port that speaks TLS is known by its answer", async () => {
  const server = createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY });
  server.on("tlsClientError", () => undefined);
  expect(await probed(server)).toBe(true);
});

it("whoever hangs up, or says something else, speaks none", async () => {
  expect(await probed(createServer((socket) => socket.destroy()))).toBe(false);
  expect(await probed(createServer((socket) => socket.end("HTTP/1.1 400")))).toBe(false);
});

it("a port where nobody listens speaks none, and one that says nothing is not waited for", async () => {
  expect(await speaksTls("127.0.0.1", 1, WITHIN_MS)).toBe(false);
  expect(await probed(createServer(), 20)).toBe(false);
});
