/**
 * What the test run's server and the specs agree on.
 */
export const TEMPLATE = "millrace_template";

/** Logs in with the service's rights alone, so that a test cannot do what the service may not. */
export const SERVICE_LOGIN = "millrace_test_service";

/** By the network; specs that need no network go by `ServerAddress.host`. */
export const NETWORK_HOST = "127.0.0.1";

export interface ServerAddress {
  /** Where the system has such, the folder of the server's socket, which the driver takes for a host. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}
