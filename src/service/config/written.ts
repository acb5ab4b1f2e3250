/**
 * What somebody wrote somewhere, and what is wrong with it: the shape in which file, environment and flags meet.
 */

/** Where a value came from. */
export type Origin =
  | { readonly from: "default" }
  | { readonly from: "file"; readonly file: string; readonly line: number }
  | { readonly from: "environment"; readonly variable: string }
  | { readonly from: "flag"; readonly flag: string };

export interface Written {
  /** `delivery.leaseMs`, `providers.email.url`. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
}

export interface ConfigError {
  /** `millrace.config.yaml:12`, `MILLRACE_HTTP_PORT`, `--set http.port`, or `configuration` for what nobody wrote. */
  readonly place: string;
  /** Empty where it is about the place as a whole. */
  readonly path: string;
  readonly problem: string;
  /** What to do about it. */
  readonly fix: string;
}

/** What one place has to say. */
export interface Layer {
  readonly written: readonly Written[];
  readonly errors: readonly ConfigError[];
}

export const placeOf = (origin: Origin): string => {
  switch (origin.from) {
    case "default":
      return "configuration";
    case "file":
      return `${origin.file}:${origin.line}`;
    case "environment":
      return origin.variable;
    case "flag":
      return origin.flag;
  }
};

/** As one line: `millrace.config.yaml:12: delivery.leaseMs is no whole number …: write …`. */
export const configErrorInWords = ({ place, path, problem, fix }: ConfigError): string =>
  `${place}: ${path === "" ? "" : `${path} `}${problem}: ${fix}`;
