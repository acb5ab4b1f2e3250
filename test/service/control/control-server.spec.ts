import { createServer } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Effect } from "effect";
import { describe, expect, it, onTestFinished } from "vitest";
import { secret } from "../../../src/service/config/secret.ts";
import { openControlServer } from "../../../src/service/control/control-server.ts";
import { calmPorts, serving } from "./asking.ts";

const refusalOf = (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => "it listens",
    (error: unknown) => error,
  );

describe("the control server", () => {
  it("does not start off loopback without a token, and says what to set", async () => {
    const refused = await refusalOf(openControlServer({ host: "0.0.0.0", port: 0, token: null }, calmPorts));
    expect(refused).toMatchObject({
      ending: "refused",
      message: expect.stringContaining("MILLRACE_HTTP_TOKEN") as string,
    });
  });

  it("starts off loopback with one", async () => {
    const { ask } = await serving({}, { host: "0.0.0.0", token: secret("a-token-of-sixteen") });
    expect((await ask("/metrics")).status).toBe(401);
    const headers = { authorization: "Bearer a-token-of-sixteen" };
    expect((await ask("/metrics", { headers })).status).toBe(200);
  });

  it("says that its port is taken, and by which setting another is chosen", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => {
      other.close();
    });
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const refused = await refusalOf(openControlServer({ host: "127.0.0.1", port, token: null }, calmPorts));
    expect(refused).toMatchObject({ ending: "conflict" });
    expect(String(refused)).toContain(`port ${port} of 127.0.0.1 is in use`);
    expect(String(refused)).toContain("MILLRACE_HTTP_PORT");
  });

  it("cuts off who does not send a request to its end, so that nobody holds its connections", async () => {
    const { port } = await serving({}, { requestTimeoutMs: 100 });
    const slow = connect(port, "127.0.0.1");
    slow.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect(await text(slow)).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it("cuts off who announces a body and does not send it", async () => {
    const { port } = await serving({ startRun: () => Effect.never }, { requestTimeoutMs: 100 });
    const slow = connect(port, "127.0.0.1");
    const head =
      "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Length: 9\r\n\r\n";
    slow.write(head);
    expect(await text(slow)).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it("closes at once where only idle connections are left", async () => {
    const server = await openControlServer({ host: "127.0.0.1", port: 0, token: null }, calmPorts);
    const idle = connect(server.port, "127.0.0.1");
    idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "data");
    const ended = once(idle, "close");
    await server.close(60_000);
    await ended;
  });

  it("answers what is under way before it closes, and gives it up after its patience", async () => {
    let reached = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (reached = resolve));
    let answer = (): void => undefined;
    const metrics = (): Promise<string> =>
      new Promise((resolve) => {
        answer = () => {
          resolve("late\n");
        };
        reached();
      });
    const server = await openControlServer(
      { host: "127.0.0.1", port: 0, token: null },
      { ...calmPorts, metrics },
    );
    const asked = connect(server.port, "127.0.0.1");
    asked.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    const got = text(asked);
    await isAsked;
    const closed = server.close(60_000);
    answer();
    await closed;
    const answered = await got;
    expect(answered).toContain("late");
    expect(answered.toLowerCase()).toContain("connection: close");

    const impatient = await openControlServer(
      { host: "127.0.0.1", port: 0, token: null },
      {
        ...calmPorts,
        metrics: () => new Promise<string>(() => undefined),
      },
    );
    const hanging = connect(impatient.port, "127.0.0.1");
    hanging.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const nothing = text(hanging).catch(() => "");
    await once(hanging, "connect");
    await impatient.close(10);
    expect(await nothing).toBe("");
  });

  it("goes on after a bug in an answer, and tells the caller nothing of it", async () => {
    const bugs: unknown[] = [];
    const { ask } = await serving({
      metrics: () => Promise.reject(new Error("row of 홍길동")),
      ready: Effect.die(new Error("row of 홍길동")),
      onBug: (error) => bugs.push(error),
    });
    const failed = await ask("/metrics");
    expect(failed.status).toBe(500);
    expect(failed.body).not.toContain("홍길동");
    const unready = await ask("/readyz");
    expect(unready.status).toBe(503);
    expect(unready.body).not.toContain("홍길동");
    expect(bugs.length).toBe(2);
    expect((await ask("/healthz")).status).toBe(200);
  });
});
