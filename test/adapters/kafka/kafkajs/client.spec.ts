import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import type { ClientLine } from "../../../../src/adapters/kafka/cluster-options.ts";
import { kafkaClient } from "../../../../src/adapters/kafka/kafkajs/client.ts";

const ONCE = { retries: 0 };

describe("an instance of the client", () => {
  it("makes no connection by being made, and says who it is when it connects", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    let connections = 0;
    server.on("connection", () => (connections += 1));
    // listening on an address, so it has one
    const { port } = server.address() as AddressInfo;
    const client = kafkaClient({ brokers: [`127.0.0.1:${port}`], clientId: "the-name" }, ONCE);
    const admin = client.admin({ retry: ONCE });
    expect(connections).toBe(0);
    const heard = new Promise<string>((resolve) => {
      server.on("connection", (socket) => {
        socket.once("data", (chunk: Buffer) => {
          resolve(chunk.toString("latin1"));
          socket.end();
        });
      });
    });
    const refused = admin.connect().then(
      () => "connected",
      () => "refused",
    );
    expect(await heard).toContain("the-name");
    expect(await refused).toBe("refused");
    await admin.disconnect();
    await new Promise((resolve) => server.close(resolve));
  });

  it("tells what it has to say to whoever listens, with its level, and not the console", async () => {
    const said: ClientLine[] = [];
    const client = kafkaClient({ brokers: ["127.0.0.1:1"], said: (line) => said.push(line) }, ONCE);
    const admin = client.admin({ retry: ONCE });
    await expect(admin.connect()).rejects.toMatchObject({ name: "KafkaJSNumberOfRetriesExceeded" });
    expect(said.length).toBeGreaterThan(0);
    expect(said.every(({ level, message }) => level === "error" && message.includes("ECONNREFUSED"))).toBe(
      true,
    );
    await admin.disconnect();
  });

  it("ends in its time and for good where a broker has taken a request and never answers", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const asked = new Promise<void>((resolve) => {
      server.on("connection", (socket) => {
        socket.once("data", () => resolve());
        socket.on("error", () => undefined);
      });
    });
    // listening on an address, so it has one
    const { port } = server.address() as AddressInfo;
    const client = kafkaClient({ brokers: [`127.0.0.1:${port}`] }, ONCE, 50);
    const admin = client.admin({ retry: ONCE });
    const connecting = admin.connect();
    await asked;
    await client.end(() => admin.disconnect());
    await expect(connecting).rejects.toThrow();
    await expect(admin.connect()).rejects.toThrow("this client was ended");
    // resolves when its last connection is closed
    await new Promise((resolve) => server.close(resolve));
  });

  it("is not made where what is given is seen to be wrong", () => {
    expect(() => kafkaClient({ brokers: ["nowhere"] })).toThrow(RangeError);
    expect(() => kafkaClient({ brokers: ["a.example:9092"], tls: { ca: "?" } })).toThrow(RangeError);
  });
});
