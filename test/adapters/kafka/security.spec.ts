/**
 * A broker that is not open to everybody: what lets us in, and what is said where it does not.
 */
import { inspect } from "node:util";
import { Effect, Result } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientLine, ClusterOptions, SaslOptions } from "../../../src/adapters/kafka/cluster-options.ts";
import type { Failure } from "../../../src/failure.ts";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import {
  type BrokerPorts,
  describeOnOwnBroker,
  type OwnBroker,
  ownBroker,
} from "../../support/own-broker.ts";
import { describeByClient } from "../../support/kafka-clients.ts";
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from "../../support/test-certificate.ts";

const USER = "millrace";
const SECRET = "the-right-secret";
const WRONG = "a-wrong-secret";
/** Three programs of Java start one after the other: seven seconds on an idle machine. */
const SET_UP_WITHIN_MS = 180_000;

/** Of an authority that has signed nothing here. */
const ANOTHER_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIURw/CwcJz2x7yFJSuQO6Atd9H4yMwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMDY1MTI0WhgP
MjEyNjEwMjgwNjUxMjRaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcYqLANjk6W3EZF/0jBnhQ0VKQvKv/UL9
qLKQu2B3UmU2uDxcjTIDzpOFYwxH3yQCujHy3q2fqyk+XLEmnGIttqNTMFEwHQYD
VR0OBBYEFPxa1MyX6hE3YFEQ338ioixvdTjzMB8GA1UdIwQYMBaAFPxa1MyX6hE3
YFEQ338ioixvdTjzMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIh
ALzjXX44ElCZTwMl8NkLA/9s6IQJFbvha2JuNLlgLyrVAiAPuYgYSHLUIov/7brM
QRU7/o5F24CGWWSdDuzccByaLw==
-----END CERTIFICATE-----`;

/** In a file of properties a certificate stands on one line. */
const oneLine = (pem: string): string => pem.replaceAll("\n", "\\n");

const modules = (listener: string): readonly string[] => {
  const of = "org.apache.kafka.common.security";
  return [
    `listener.name.${listener}.plain.sasl.jaas.config=${of}.plain.PlainLoginModule required user_${USER}="${SECRET}";`,
    ...["256", "512"].map(
      (bits) =>
        `listener.name.${listener}.scram-sha-${bits}.sasl.jaas.config=${of}.scram.ScramLoginModule required;`,
    ),
  ];
};

const settings = ({ plain, controller, more: [tls, sasl, both] }: BrokerPorts): string => {
  const brokers = `BROKER://127.0.0.1:${plain},TLS://127.0.0.1:${tls},SASL://127.0.0.1:${sasl},BOTH://127.0.0.1:${both}`;
  return [
    `listeners=${brokers},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${brokers}`,
    "listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,SASL:SASL_PLAINTEXT,BOTH:SASL_SSL",
    "ssl.keystore.type=PEM",
    `ssl.keystore.certificate.chain=${oneLine(TEST_CERTIFICATE)}`,
    `ssl.keystore.key=${oneLine(TEST_CERTIFICATE_KEY)}`,
    "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    ...modules("sasl"),
    ...modules("both"),
  ].join("\n");
};

describeOnOwnBroker("a broker that asks who we are", () => {
  let broker: OwnBroker;
  let lines: ClientLine[] = [];
  beforeAll(async () => {
    broker = await ownBroker(settings);
    const made = `SCRAM-SHA-256=[iterations=4096,password=${SECRET}]`;
    const { address } = broker;
    const alter = (config: string) =>
      broker.tool(
        ...["kafka.admin.ConfigCommand", "--bootstrap-server", address, "--alter"],
        ...["--add-config", config, "--entity-type", "users", "--entity-name", USER],
      );
    await Promise.all([alter(made), alter(made.replace("256", "512"))]);
  }, SET_UP_WITHIN_MS);
  afterAll(() => broker.close());

  type Port = "plain" | "tls" | "sasl" | "both";
  type Security = Pick<ClusterOptions, "tls" | "sasl">;
  const clusterAt = (port: Port, security: Security): ClusterOptions => {
    const { plain, more } = broker.ports;
    lines = [];
    const number = { plain, tls: more[0], sasl: more[1], both: more[2] }[port];
    return {
      brokers: [`127.0.0.1:${number}`],
      ...security,
      connectTimeoutMs: 2_000,
      said: (line) => lines.push(line),
    };
  };
  const sasl = (mechanism: SaslOptions["mechanism"], password = SECRET, username = USER): SaslOptions => ({
    mechanism,
    username,
    password,
  });
  const ca = TEST_CERTIFICATE;

  describeByClient(describe, "spoken to", (client) => {
    it.each<[string, Port, Security]>([
      ["TLS, by the authority that was given", "tls", { tls: { ca } }],
      ["a password as it is (PLAIN), over TLS", "both", { tls: { ca }, sasl: sasl("plain") }],
      ["a password as it is (PLAIN)", "sasl", { sasl: sasl("plain") }],
      ["a proof of the password (SCRAM-SHA-256)", "sasl", { sasl: sasl("scram-sha-256") }],
      ["a proof of the password (SCRAM-SHA-512)", "sasl", { sasl: sasl("scram-sha-512") }],
      ["a proof of the password, over TLS", "both", { tls: { ca }, sasl: sasl("scram-sha-256") }],
    ])("lets in by %s: topics, records in, records out", async (words, port, security) => {
      const topic = `${client}-${words.replaceAll(/[^A-Za-z0-9]+/g, "-")}`;
      const log = await Effect.runPromise(openKafka(client, clusterAt(port, security)));
      const admin = log.topics();
      const plan = { name: topic, partitions: 1, replication: 1, retentionMs: 60_000, recordBytes: 1_000 };
      await Effect.runPromise(admin.create([plan]));
      const publisher = log.publisher<string>({
        wire: ({ key, body, headers }) => Result.succeed({ topic, key, value: Buffer.from(body), headers }),
      });
      const [outcome] = await Effect.runPromise(
        publisher.publish([{ key: "k", body: "hello", headers: {} }]),
      );
      expect(outcome).toEqual(Result.succeed(undefined));
      const source = log.source({
        ...{ topic, groupId: `group-of-${topic}`, maxWaitMs: 50 },
        body: ({ value }) => Buffer.from(value ?? []).toString("utf8"),
      });
      const deaf = { assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined };
      await Effect.runPromise(source.open(deaf));
      const { records } = await Effect.runPromise(source.pull({ records: 10, bytes: Infinity }));
      expect(records.map(({ body }) => body)).toEqual(["hello"]);
      await Effect.runPromise(Effect.all([source.close, publisher.close, admin.close]));
    });

    const isKafkajs = client === "kafkajs";
    const REFUSED = `kafka:${isKafkajs ? "KafkaJSSASLAuthenticationError" : "SASL_AUTHENTICATION_FAILED"}`;
    const UNBELIEVED = `kafka:${isKafkajs ? "DEPTH_ZERO_SELF_SIGNED_CERT" : "CERT_UNTRUSTED"}`;
    it.each<[string, Port, Security, string, string]>([
      [
        "a wrong password",
        "sasl",
        { sasl: sasl("plain", WRONG) },
        REFUSED,
        "mend the user name, the password",
      ],
      [
        ...(["a wrong proof of a password", "sasl"] as const),
        ...([{ sasl: sasl("scram-sha-256", WRONG) }, REFUSED, "mend the user name, the password"] as const),
      ],
      [
        ...(["a user whom it does not know", "sasl"] as const),
        ...([{ sasl: sasl("scram-sha-512", WRONG, "nobody") }, REFUSED, "mend the user name"] as const),
      ],
      [
        ...(["credentials where nobody asks for them", "plain"] as const),
        ...([{ sasl: sasl("plain") }, "kafka:ILLEGAL_SASL_STATE", "leave sasl out"] as const),
      ],
      [
        ...(["another authority", "tls"] as const),
        ...([{ tls: { ca: ANOTHER_AUTHORITY } }, UNBELIEVED, "as tls.ca, in PEM"] as const),
      ],
      ["no TLS on a port that speaks it", "tls", {}, "kafka:BROKER_SPEAKS_TLS", "set tls"],
    ])(
      "is not let in with %s, and what to do is said, without the secret",
      async (_, port, security, code, advice) => {
        const log = await Effect.runPromise(openKafka(client, clusterAt(port, security)));
        const admin = log.topics();
        const publisher = log.publisher<string>({
          wire: ({ key, headers }) => Result.succeed({ topic: "t", key, value: Buffer.from(""), headers }),
        });
        const source = log.source({ topic: "t", groupId: "g", body: () => "" });
        const deaf = { assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined };
        const [looked, [published], opened] = await Promise.all([
          Effect.runPromise(Effect.result(admin.describe(["t"]))),
          Effect.runPromise(publisher.publish([{ key: "k", body: "", headers: {} }])),
          Effect.runPromise(Effect.result(source.open(deaf))),
        ]);
        const outcomes: readonly Result.Result<unknown, Failure>[] = [looked, opened, published ?? looked];
        const failures = outcomes.filter(Result.isFailure).map(({ failure }) => failure);
        expect(failures.map(({ _tag, code: own }) => [_tag, own])).toEqual(
          Array(3).fill(["Permanent", code]),
        );
        for (const failure of failures) {
          expect(failure.message).toContain(advice);
          expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toMatch(SECRETS);
        }
        expect(lines.length).toBeGreaterThan(0);
        expect(inspect(lines)).not.toMatch(SECRETS);
        await Effect.runPromise(Effect.all([source.close, publisher.close, admin.close]));
      },
    );
  });
});

const SECRETS = new RegExp([SECRET, WRONG].join("|"));
