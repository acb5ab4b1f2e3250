import { describe, expect, it } from "vitest";
import { demandCluster } from "../../../src/adapters/kafka/cluster-options.ts";
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from "../../support/test-certificate.ts";

const brokers = ["one.example:9092", "[::1]:9092", "10.0.0.1:19092"];

describe("how a cluster is to be reached", () => {
  it("is taken as it is where nothing can be seen to be wrong", () => {
    expect(() => demandCluster({ brokers })).not.toThrow();
    expect(() => demandCluster({ brokers, tls: true })).not.toThrow();
    expect(() => demandCluster({ brokers, tls: { ca: TEST_CERTIFICATE } })).not.toThrow();
  });

  it.each(["one.example", "kafka://one.example:9092", "one.example:", "one.example:123456", "a b:9092", ""])(
    "is refused by an address that is none: %j",
    (broker) => {
      expect(() => demandCluster({ brokers: [...brokers, broker] })).toThrow(/host:port/);
    },
  );

  it("is refused without any address", () => {
    expect(() => demandCluster({ brokers: [] })).toThrow(/at least one broker/);
  });

  it.each(["", "/etc/ssl/authority.pem", TEST_CERTIFICATE_KEY])(
    "is refused by an authority that is no certificate, without showing what it was: case %#",
    (ca) => {
      expect(() => demandCluster({ brokers, tls: { ca } })).toThrow(RangeError);
      expect(() => demandCluster({ brokers, tls: { ca } })).toThrow(
        /^tls\.ca is to be .* cannot be read as one$/,
      );
    },
  );
});
