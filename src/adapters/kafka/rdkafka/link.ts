/**
 * One client of librdkafka, from connecting to being gone. The library tries again by itself for ever, also what no waiting mends:
 * what it says of that in its lines is read here, and ends the waiting.
 */
import type { ClusterOptions } from "../cluster-options.ts";
import { settledWithin } from "../settled-within.ts";
import type { VendorClient, VendorLine } from "./binding.ts";
import { connectTimeout } from "./client-settings.ts";
import { speaksTls } from "./tls-probe.ts";
import { NamedError, namedError } from "./vendor-errors.ts";

/** What a line of version 2.12 tells about who we say we are, and whom we believe. */
const DECISIVE: readonly (readonly [RegExp, string])[] = [
  [/: Broker: Unsupported SASL mechanism/, "UNSUPPORTED_SASL_MECHANISM"],
  [/: Broker: Request not valid in current SASL state/, "ILLEGAL_SASL_STATE"],
  [/: SASL authentication error: /, "SASL_AUTHENTICATION_FAILED"],
  [/: SSL handshake failed: .*certificate verify failed/, "CERT_UNTRUSTED"],
];

/** The broker has hung up on the first request. */
const HUNG_UP = /: ([^\s/]+|\[[^\]]+\]):(\d+)\/\S+: Disconnected.* in state APIVERSION_QUERY/;
const PROBE_WITHIN_MS = 1_000;

/** Of syslog. */
const [ERROR, WARNING, NOTICE_OR_INFO] = [3, 4, 6];

/** Longer nobody waits for a client to be gone: a request under way ends within the time it was given. */
const GONE_WITHIN_MS = 10_000;

export class Link<Client extends VendorClient> {
  readonly client: Client;
  readonly #cluster: ClusterOptions;
  /** Resolves with what no waiting mends. */
  readonly refused: Promise<NamedError>;
  #refuse: (error: NamedError) => void = () => undefined;
  #connecting: Promise<void> = Promise.resolve();
  #isProbing = false;
  #closing: Promise<void> | null = null;

  constructor(client: Client, cluster: ClusterOptions) {
    this.client = client;
    this.#cluster = cluster;
    this.refused = new Promise((resolve) => {
      this.#refuse = resolve;
    });
    client.on("event.log", (line) => {
      this.#heard(line);
    });
    // without a listener it would be thrown
    client.on("event.error", () => undefined);
  }

  /** Rejects with a `NamedError`; then it is to be closed, and another one made. */
  async open(): Promise<void> {
    const connected = new Promise<void>((resolve, reject) => {
      this.client.connect({ timeout: connectTimeout(this.#cluster) }, (error) => {
        if (error) reject(namedError(error));
        else resolve();
      });
    });
    this.#connecting = connected.catch(() => undefined);
    await Promise.race([connected, this.refused.then((error) => Promise.reject(error))]);
  }

  /** What `ask` gives, or what no waiting mends. */
  async asking<T>(
    ask: (answer: (error: { code: number; message: string } | null | undefined, value: T) => void) => void,
  ): Promise<T> {
    const answered = new Promise<T>((resolve, reject) => {
      ask((error, value) => {
        if (error) reject(namedError(error));
        else resolve(value);
      });
    });
    return Promise.race([answered, this.refused.then((error) => Promise.reject(error))]);
  }

  /** Never rejects. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  #close(): Promise<void> {
    return settledWithin(
      this.#connecting.then(() => this.#disconnect()),
      GONE_WITHIN_MS,
    );
  }

  #disconnect(): Promise<void> {
    if (!this.client.isConnected()) return Promise.resolve();
    return new Promise((resolve) => {
      this.client.disconnect(() => {
        resolve();
      });
    });
  }

  #heard({ severity, message }: VendorLine): void {
    const { said = () => undefined, tls } = this.#cluster;
    if (severity <= ERROR) said({ level: "error", message });
    else if (severity === WARNING) said({ level: "warn", message });
    else if (severity <= NOTICE_OR_INFO) said({ level: "info", message });
    const found = DECISIVE.find(([words]) => words.test(message));
    if (found !== undefined) this.#refuse(new NamedError(found[1]));
    const hungUp = tls === undefined ? HUNG_UP.exec(message) : null;
    if (hungUp !== null) this.#probe(hungUp[1] ?? "", Number(hungUp[2]));
  }

  #probe(host: string, port: number): void {
    if (this.#isProbing) return;
    this.#isProbing = true;
    speaksTls(host, port, PROBE_WITHIN_MS).then(
      (speaks) => {
        this.#isProbing = false;
        if (speaks) this.#refuse(new NamedError("BROKER_SPEAKS_TLS"));
      },
      () => undefined,
    );
  }
}
