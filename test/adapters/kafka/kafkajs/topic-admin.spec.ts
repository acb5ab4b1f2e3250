import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { LazyAdmin } from "../../../../src/adapters/kafka/kafkajs/topic-admin.ts";

const TLS_ALERT = Buffer.from([0x15, 3, 3, 0, 2, 2, 70]);

it("an admin that could not connect is replaced, also where waiting alone would not have mended it", async () => {
  const server = createServer((there) => {
    there.on("error", () => undefined);
    there.once("data", () => there.end(TLS_ALERT)); // as a broker does that is spoken to without TLS
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let connections = 0;
  server.on("connection", () => (connections += 1));
  // listening on an address, so it has one
  const { port } = server.address() as AddressInfo;
  const admin = new LazyAdmin({ brokers: [`127.0.0.1:${port}`] });
  await expect(admin.use((one) => one.listTopics())).rejects.toThrow();
  const before = connections;
  await expect(admin.use((one) => one.listTopics())).rejects.toThrow();
  expect(connections).toBeGreaterThan(before);
  await admin.close();
  await new Promise((resolve) => server.close(resolve));
});
