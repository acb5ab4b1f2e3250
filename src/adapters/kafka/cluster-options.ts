/**
 * How a cluster is reached: the same for every client behind this port.
 */
import { X509Certificate } from "node:crypto";

/** Who we say we are. */
export interface SaslOptions {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

/** Where the brokers are and how they are spoken to. */
export interface ClusterOptions {
  /** `host:port` of some brokers; they name the others. */
  readonly brokers: readonly string[];
  /** What the brokers' own logs call us. Default "millrace". */
  readonly clientId?: string;
  /** `true`: believed are the authorities that Node knows; else those given here, in PEM. Default: no TLS. */
  readonly tls?: true | { readonly ca: string };
  readonly sasl?: SaslOptions;
  /** Until a connection stands. Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Until a request is answered. Default 15,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How old what is known of topics may be: partitions that are added are found by then. Default 30,000 ms. */
  readonly metadataMaxAgeMs?: number;
  /** Hears what the client itself has to say: for a log. Default: nobody. */
  readonly said?: (line: ClientLine) => void;
}

/** A line of the client's own. */
export interface ClientLine {
  readonly level: "error" | "warn" | "info";
  readonly message: string;
}

const METADATA_MAX_AGE_MS = 30_000;

export const metadataMaxAge = ({ metadataMaxAgeMs }: ClusterOptions): number =>
  metadataMaxAgeMs ?? METADATA_MAX_AGE_MS;

const ADDRESS = /^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/;

/** @throws RangeError for an address that is none */
export const demandBrokers = (brokers: readonly string[]): readonly string[] => {
  if (brokers.length === 0) throw new RangeError("at least one broker is needed, as host:port");
  for (const broker of brokers) {
    if (!ADDRESS.test(broker))
      throw new RangeError(`a broker is given as host:port, not ${JSON.stringify(broker)}`);
  }
  return brokers;
};

/**
 * What can be seen to be wrong before anybody is asked.
 *
 * @throws RangeError for an address that is none, and for an authority that is no certificate
 */
export const demandCluster = ({ brokers, tls }: ClusterOptions): void => {
  demandBrokers(brokers);
  if (tls === undefined || tls === true) return;
  try {
    new X509Certificate(tls.ca);
  } catch {
    // what was given is not shown: it may have been a key
    throw new RangeError("tls.ca is to be the authorities' certificates in PEM, and cannot be read as one");
  }
};
