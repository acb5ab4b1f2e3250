import { Effect } from "effect";
import fc from "fast-check";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { httpGateway, type HttpGatewayOptions } from "../../../src/adapters/providers/http-gateway.ts";
import { attemptId } from "../../../src/domain/ids.ts";
import type { Sender, SendOutcome, SendRequest } from "../../../src/domain/ports/sender.ts";
import { describeSenderContract, type ProviderFault } from "../../contracts/sender-contract.ts";
import { aRequest, EMAIL, SECRETS } from "../../contracts/sender-requests.ts";
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from "../../support/test-certificate.ts";
import {
  GATEWAY_FAULTS,
  startFakeGateway,
  type FakeGatewayOptions,
  type GatewayFault,
} from "../../support/fake-gateway.ts";

const FAULTS: Readonly<Record<ProviderFault, GatewayFault>> = {
  "lost-answer": "reset-after",
  unreadable: "garbage",
  hang: "hang",
  refuses: "refuses",
  down: "down-said",
};

describeSenderContract("an HTTP gateway", {
  runs: 300, // each is some requests over real connections
  make: async ({ providerClass, fault }) => {
    const gateway = await startFakeGateway({
      class: providerClass.class,
      onFirstOnly: true,
      faults: fault === null ? {} : { [FAULTS[fault]]: 1 },
    });
    const sender = httpGateway({
      channel: EMAIL,
      url: gateway.url,
      class: providerClass,
      deltaMs: 5_000,
      // where an answer is to come, a busy machine has all the time it needs
      limits: { answerWindowMs: fault === "hang" ? 400 : 10_000 },
    });
    return {
      sender,
      acceptances: async (reference) =>
        gateway.acceptances.filter((accepted) => accepted.reference === reference).length,
      during: (promise) => promise,
      close: async () => {
        await sender.close();
        await gateway.close();
      },
    };
  },
});

describe("the sender to an HTTP gateway", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const senderTo = (url: string, more: Partial<HttpGatewayOptions> = {}): Sender => {
    const sender = httpGateway({ channel: EMAIL, url, class: { class: "C" }, deltaMs: "never", ...more });
    closing.push(() => sender.close());
    return sender;
  };
  const fake = async (options: FakeGatewayOptions = {}) => {
    const gateway = await startFakeGateway(options);
    closing.push(gateway.close);
    return gateway;
  };
  const send = async (sender: Sender, request: SendRequest = aRequest("a")): Promise<SendOutcome> => {
    const [outcome] = sender.send([request]);
    if (outcome === undefined) throw new Error("no outcome");
    return outcome;
  };
  /** A server that is no HTTP server, or a bad one: says `reply` to whatever it hears. */
  const plain = async (heard: (socket: Socket) => void): Promise<{ url: string; server: Server }> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("data", () => heard(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    // a server that listens on a port has an address of this kind
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/`, server };
  };

  it("posts the message as JSON, with the attempt as its key and the credential in its header", async () => {
    const gateway = await fake();
    const sender = senderTo(`${gateway.url}?tenant=7`, { headers: { authorization: "Bearer the-secret" } });
    expect(await send(sender)).toMatchObject({ kind: "accepted" });
    const [seen] = gateway.requests;
    expect(seen).toMatchObject({
      method: "POST",
      path: "/messages?tenant=7",
      headers: {
        authorization: "Bearer the-secret",
        "idempotency-key": "attempt-a",
        "content-type": "application/json; charset=utf-8",
      },
    });
    const [to, subject, html, text] = SECRETS;
    expect(JSON.parse(seen?.body ?? "")).toEqual({
      ...{ reference: "a/1", attemptId: "attempt-a", channel: "email" },
      ...{ to, subject, html, text },
    });
    expect(inspect(sender, { depth: 9 })).not.toContain("the-secret");
  });

  it("asks by the attempt below its address, or below another one", async () => {
    const gateway = await fake({ class: "B" });
    const byClass = { class: { class: "B", findableMs: 1_000 } } as const;
    const sender = senderTo(`${gateway.url}/?tenant=7`, byClass);
    await send(sender);
    const id = attemptId("attempt-a");
    if (sender.lookUp === null) throw new Error("class B is asked");
    expect(await Effect.runPromise(sender.lookUp(id))).toMatchObject({ found: true });
    const elsewhere = senderTo("http://127.0.0.1:1/", { ...byClass, lookUpUrl: gateway.url });
    expect(await Effect.runPromise(elsewhere.lookUp?.(id) ?? Effect.never)).toMatchObject({ found: true });
    expect(gateway.requests.map(({ path }) => path)).toEqual([
      "/messages/?tenant=7",
      "/messages/by-reference/attempt-a?tenant=7",
      "/messages/by-reference/attempt-a",
    ]);
  });

  it("believes no look-up that may have gone to a wrong address, or nowhere", async () => {
    const gateway = await fake({ class: "C" });
    const options = { class: { class: "B", findableMs: 1_000 } } as const;
    for (const url of [gateway.url, "http://127.0.0.1:1/"]) {
      const lookUp = senderTo(url, options).lookUp?.(attemptId("attempt-a"));
      expect(await Effect.runPromise(Effect.flip(lookUp ?? Effect.never))).toMatchObject({
        _tag: "Transient",
        code: "look-up",
      });
    }
  });

  it("knows that nothing left where no connection came about", async () => {
    const { url, server } = await plain(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    expect(await send(senderTo(url))).toEqual({
      kind: "not-handed-over",
      trouble: "down",
      words: "no connection: ECONNREFUSED",
    });
    expect(await send(senderTo("http://no-such-host.invalid/"))).toMatchObject({
      kind: "not-handed-over",
      trouble: "down",
    });
  });

  it("speaks TLS, over connections that it uses again, and hands nothing to whom it does not trust", async () => {
    const heard: (string | undefined)[] = [];
    const server = createHttpsServer(
      { cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY },
      (request, response) => {
        request.resume();
        heard.push(request.headers["idempotency-key"]?.toString());
        request.on("end", () => response.end('{"id":"m-1"}'));
      },
    );
    let connections = 0;
    server.on("secureConnection", () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    // a server that listens on a port has an address of this kind
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const trusting = senderTo(url, { authorities: TEST_CERTIFICATE });
    for (const about of ["a", "b"]) {
      expect(await send(trusting, aRequest(about))).toMatchObject({ kind: "accepted" });
    }
    expect(connections).toBe(1);
    expect(await send(senderTo(url))).toEqual({
      kind: "not-handed-over",
      trouble: "address",
      words: "no connection: DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    expect(heard).toEqual(["attempt-a", "attempt-b"]);
  });

  it("knows that nothing left where TLS is not agreed on", async () => {
    const { url } = await plain((socket) => socket.end("this is no TLS\n"));
    expect(await send(senderTo(url.replace("http:", "https:")))).toMatchObject({ kind: "not-handed-over" });
  });

  it("gives up on a connection that never comes about, and nothing leaves later", async () => {
    // Accepts the connection and says nothing: for TLS it never stands.
    const { url } = await plain(() => undefined);
    const sender = senderTo(url.replace("http:", "https:"), { limits: { sendWindowMs: 50 } });
    const mayStillLeave = (): boolean => expect.unreachable("nothing is ready to leave");
    expect(await send(sender, aRequest("a", { mayStillLeave }))).toEqual({
      kind: "not-handed-over",
      trouble: "down",
      words: "no connection within 50 ms",
    });
  });

  it.each([
    ["closes without a word", (socket: Socket) => socket.destroy()],
    ["answers garbage", (socket: Socket) => socket.end("what?\r\n\r\n")],
    ["breaks off in the head", (socket: Socket) => socket.end("HTTP/1.1 422 Unpro")],
    [
      "breaks off in the body of a refusal",
      (socket: Socket) => socket.end("HTTP/1.1 422 No\r\nContent-Length: 100\r\n\r\n{"),
    ],
    ["answers byte by byte, without an end", (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nX-A: ")],
    [
      "never ends its answer",
      (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"),
    ],
  ])("does not know what became of a request to a server that %s", async (_what, heard) => {
    const { url } = await plain(heard);
    expect(await send(senderTo(url, { limits: { answerWindowMs: 100 } }))).toMatchObject({ kind: "unknown" });
  });

  it("reads no more of an answer than its limit", async () => {
    let written = 0;
    const { url } = await plain((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      const more = (): void => {
        if (socket.destroyed) return;
        written += 1_024;
        socket.write(`400\r\n${"x".repeat(1_024)}\r\n`, () => setImmediate(more));
      };
      more();
    });
    expect(await send(senderTo(url, { maxAnswerBytes: 4_096 }))).toMatchObject({ kind: "unknown" });
    expect(written).toBeLessThan(50 * 1_024 * 1_024);
  });

  it("follows no redirect and sends nothing again", async () => {
    const gateway = await fake();
    let asked = 0;
    const server = createHttpServer((request, response) => {
      request.resume();
      asked += 1;
      response.writeHead(307, { location: gateway.url }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    // a server that listens on a port has an address of this kind
    const { port } = server.address() as AddressInfo;
    expect(await send(senderTo(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: "unknown" });
    expect([asked, gateway.requests.length]).toEqual([1, 0]);
  });

  it.each([
    ["busy-said", { kind: "not-accepted", trouble: "busy", retryAfterMs: 1_000 }],
    ["busy-bare", { kind: "unknown" }],
    ["down-bare", { kind: "unknown" }],
    ["error", { kind: "unknown" }],
    ["half-answer", { kind: "unknown" }],
    ["reset-before", { kind: "unknown" }],
  ] as const)("tells what a gateway's fault means: %s", async (fault, outcome) => {
    const gateway = await fake({ faults: { [fault]: 1 } });
    expect(await send(senderTo(gateway.url))).toMatchObject(outcome);
  });

  it("never says more than the gateway's own record bears out, whatever the gateway does", async () => {
    const honest = GATEWAY_FAULTS.filter((fault) => fault !== "lies");
    const gateway = await fake({ faults: Object.fromEntries(honest.map((fault) => [fault, 0.08])) });
    const sender = senderTo(gateway.url, { limits: { answerWindowMs: 30 } });
    const seen = new Set<SendOutcome["kind"]>();
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), async (batch) => {
        const requests = batch.map((mayLeave) =>
          aRequest(`p${(made += 1)}`, { mayStillLeave: () => mayLeave }),
        );
        const outcomes = await Promise.all(sender.send(requests));
        for (const [place, outcome] of outcomes.entries()) {
          seen.add(outcome.kind);
          const { reference = "" } = requests[place] ?? {};
          const recorded = gateway.acceptances.filter((each) => each.reference === reference);
          if (outcome.kind === "accepted") {
            expect(recorded.map(({ id }) => id)).toEqual([outcome.providerMessageId]);
          } else if (outcome.kind !== "unknown") expect(recorded).toEqual([]);
          if (batch[place] === false) expect(outcome.kind).toBe("not-handed-over");
        }
      }),
      { numRuns: 1_000 },
    );
    expect(seen).toEqual(new Set(["accepted", "rejected", "not-accepted", "not-handed-over", "unknown"]));
  });

  it("closes a connection that it has not used for a while, before the provider does", async () => {
    const gone: Promise<unknown>[] = [];
    const server = createHttpServer((request, response) => {
      request.resume();
      response.end('{"id":"m-1"}');
    });
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => gone.push(once(socket, "close")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    // a server that listens on a port has an address of this kind
    const { port } = server.address() as AddressInfo;
    const sender = senderTo(`http://127.0.0.1:${port}/`, { idleConnectionMs: 20 });
    expect(await send(sender)).toMatchObject({ kind: "accepted" });
    await Promise.all(gone);
    expect(gone).toHaveLength(1);
  });

  it("uses a connection again, and no more of them than requests may be under way", async () => {
    const gateway = await fake({ latencyMs: 5 });
    const sender = senderTo(gateway.url, { limits: { maxInFlight: 4 } });
    for (let wave = 0; wave < 10; wave += 1) {
      const requests = [0, 1, 2, 3].map((nth) => aRequest(`w${wave}-${nth}`));
      const outcomes = await Promise.all(sender.send(requests));
      expect(outcomes.map(({ kind }) => kind)).toEqual(["accepted", "accepted", "accepted", "accepted"]);
    }
    expect(gateway.connections()).toBeLessThanOrEqual(4);
  });

  it("hands nothing to a connection on which the provider has spoken unasked", async () => {
    const heard: string[] = [];
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id":"m-1"}';
    const connected: Socket[] = [];
    const { url } = await plain((socket) => {
      connected.push(socket);
      socket.on("data", () => heard.push("more on a connection"));
      socket.write(answer);
    });
    const sender = senderTo(url);
    expect(await send(sender)).toMatchObject({ kind: "accepted" });
    const [first] = connected;
    await new Promise((resolve) => first?.write("HTTP/1.1 408 Idle\r\nContent-Length: 0\r\n\r\n", resolve));
    // What was written there has to have been read here: another connection's round trip is later than that.
    await send(senderTo(url), aRequest("elsewhere"));
    const outcome = await send(sender, aRequest("b"));
    expect(outcome).toMatchObject({ kind: "not-handed-over", trouble: null });
    expect(heard).toEqual([]);
    expect(await send(sender, aRequest("b"))).toMatchObject({ kind: "accepted" });
  });

  it("asks whether it may still leave when the connection stands, and asks once", async () => {
    const gateway = await fake();
    const connectionsWhenAsked: number[] = [];
    const mayStillLeave = (): boolean => {
      connectionsWhenAsked.push(gateway.connections());
      return true;
    };
    await send(senderTo(gateway.url), aRequest("a", { mayStillLeave }));
    expect(connectionsWhenAsked).toHaveLength(1);
  });

  it.each<Partial<HttpGatewayOptions>>([
    { url: "ftp://gateway.example/" },
    { url: "not an address" },
    { lookUpUrl: "file:///etc/passwd" },
    { headers: { authorization: "Bearer with\na line" } },
    { headers: { "not a name": "x" } },
  ])("does not start on a mistake, and does not repeat it: %o", (mistake) => {
    const { url, lookUpUrl, headers } = mistake;
    const value = url ?? lookUpUrl ?? Object.values(headers ?? {})[0] ?? "";
    const made = (): Sender => senderTo("http://127.0.0.1:1/", mistake);
    expect(made).toThrow(RangeError);
    expect(made).not.toThrow(value);
  });
});
