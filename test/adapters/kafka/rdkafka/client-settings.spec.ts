import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { clientSettings } from "../../../../src/adapters/kafka/rdkafka/client-settings.ts";

const brokers = ["a.example:9092", "b.example:9092"];

describe("the settings of librdkafka", () => {
  it("name the brokers and who we are, in the clear where nothing else is asked for", () => {
    expect(clientSettings({ brokers })).toMatchObject({
      "metadata.broker.list": "a.example:9092,b.example:9092",
      "client.id": "millrace",
      "security.protocol": "plaintext",
      "allow.auto.create.topics": false,
    });
  });

  it("believe the authorities that were given, or those that Node knows", () => {
    expect(clientSettings({ brokers, tls: { ca: "PEM" } })).toMatchObject({
      ...{ "security.protocol": "ssl", "ssl.ca.pem": "PEM" },
    });
    const known = clientSettings({ brokers, tls: true })["ssl.ca.pem"];
    expect(known).toContain(rootCertificates[0]);
  });

  it.each([
    ["plain", "PLAIN"],
    ["scram-sha-256", "SCRAM-SHA-256"],
    ["scram-sha-512", "SCRAM-SHA-512"],
  ] as const)("say who we are by %s, over TLS or without", (mechanism, named) => {
    const sasl = { mechanism, username: "u", password: "p" };
    expect(clientSettings({ brokers, sasl })).toMatchObject({
      ...{ "security.protocol": "sasl_plaintext", "sasl.mechanism": named, "sasl.password": "p" },
    });
    expect(clientSettings({ brokers, sasl, tls: true })["security.protocol"]).toBe("sasl_ssl");
  });

  it("take no shorter time to connect than the library can", () => {
    expect(clientSettings({ brokers, connectTimeoutMs: 10 })["socket.connection.setup.timeout.ms"]).toBe(
      1_000,
    );
  });
});
