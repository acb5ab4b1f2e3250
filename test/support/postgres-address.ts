/**
 * What the test run's server and the specs agree on.
 */
export const TEMPLATE = "millrace_template";

/** Logs in with the service's rights alone, so that a test cannot do what the service may not. */
export const SERVICE_LOGIN = "millrace_test_service";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}
