/**
 * What is answered to which request. A route is a function from a request to an answer; writing it out is the server's.
 */
import type { IncomingMessage } from "node:http";
import { Cause, Effect, Exit, Option } from "effect";
import type { OpenedRun } from "../../domain/ports/runs.ts";
import type { Failure } from "../../failure.ts";
import type { HealthAnswer, ProblemAnswer, ReadyAnswer, RunAnswer } from "../control-contract.ts";
import type { Admission } from "./admission.ts";
import type { ControlPorts, Readiness } from "./control-ports.ts";
import { MAX_BODY_BYTES, readJsonBody } from "./read-body.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly admitted: Admission;
}

type Route = (asked: Asked) => Promise<HttpAnswer>;
type Method = "GET" | "POST";

/** How long a look at readiness may take: those who probe give up after a few seconds. */
export const READY_WITHIN_MS = 2_000;

export const answersOf = (ports: ControlPorts): Route => {
  const routes: Readonly<Record<string, Partial<Record<Method, Route>>>> = {
    "/healthz": { GET: healthRoute(ports) },
    "/readyz": { GET: readyRoute(ports) },
    "/metrics": { GET: admittedOnly(metricsRoute(ports)) },
    "/api/v1/runs": { POST: admittedOnly(runsRoute(ports)) },
  };
  return async (asked) => {
    const path = (asked.request.url ?? "").split("?", 1)[0] ?? "";
    const found = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (found === undefined) {
      return problem(
        404,
        "unknown-path",
        "There is nothing here",
        `There is ${Object.keys(routes).join(", ")}.`,
      );
    }
    if (asked.admitted === "wrong-host") {
      const detail = "Ask by 127.0.0.1 or localhost, or set http.token.";
      return problem(403, "wrong-host", "Not addressed to this machine", detail);
    }
    const method = asked.request.method === "HEAD" ? "GET" : asked.request.method;
    const route = Object.entries(found).find(([name]) => name === method)?.[1];
    if (route !== undefined) return route(asked);
    const allow = Object.keys(found).join(", ");
    return { ...problem(405, "wrong-method", "Not this way", `Use ${allow}.`), headers: { allow } };
  };
};

const json = (status: number, body: object): HttpAnswer => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(body),
});

export const problem = (status: number, code: string, title: string, detail: string): HttpAnswer => {
  const body: ProblemAnswer = { title, status, code, detail };
  return { status, contentType: "application/problem+json", body: JSON.stringify(body) };
};

const admittedOnly =
  (route: Route): Route =>
  async (asked) => {
    if (asked.admitted === "full") return route(asked);
    const refused = problem(
      401,
      "no-token",
      "A token is needed",
      "Send Authorization: Bearer and the token of http.token.",
    );
    return { ...refused, headers: { "www-authenticate": 'Bearer realm="millrace"' } };
  };

const healthRoute =
  ({ health }: ControlPorts): Route =>
  async ({ admitted }) => {
    const { version, upMs } = health();
    const answer: HealthAnswer =
      admitted === "full" ? { alive: true, version, up_ms: Math.round(upMs) } : { alive: true };
    return json(200, answer);
  };

/** Whoever asks while a look is under way gets its answer: probes must not queue up at a database in trouble. */
export const readyLook = ({ ready, onBug }: ControlPorts): (() => Promise<Readiness>) => {
  const look = async (): Promise<Readiness> => {
    const exit = await Effect.runPromiseExit(Effect.timeoutOption(ready, READY_WITHIN_MS));
    if (Exit.isSuccess(exit)) {
      return Option.getOrElse(exit.value, () => notReady(`no answer within ${READY_WITHIN_MS} ms`));
    }
    const failure = Cause.findErrorOption(exit.cause);
    if (Option.isSome(failure)) return notReady(failure.value.message);
    onBug(Cause.squash(exit.cause));
    return notReady("a bug kept it from being looked at");
  };
  let underWay: Promise<Readiness> | null = null;
  return () => {
    underWay ??= look().finally(() => {
      underWay = null;
    });
    return underWay;
  };
};

const readyRoute = (ports: ControlPorts): Route => {
  const look = readyLook(ports);
  return async ({ admitted }) => {
    const { checks, warnings } = await look();
    const isReady = checks.every(({ ok }) => ok);
    const answer: ReadyAnswer =
      admitted === "full" ? { ready: isReady, checks, warnings } : { ready: isReady };
    return json(isReady ? 200 : 503, answer);
  };
};

const notReady = (reason: string): Readiness => ({
  checks: [{ name: "readiness", ok: false, reason }],
  warnings: [],
});

const metricsRoute =
  ({ metrics }: ControlPorts): Route =>
  async () => ({
    status: 200,
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    body: await metrics(),
  });

const KEY = /^[\x21-\x7e]{1,200}$/;
const MAX_CAP = 1_000_000_000;

const runsRoute =
  ({ startRun, onBug }: ControlPorts): Route =>
  async ({ request }) => {
    if (startRun === null) {
      return problem(409, "no-dispatch", "This process opens no runs", "Ask one with the role dispatch.");
    }
    const key = request.headers["idempotency-key"];
    if (typeof key !== "string" || !KEY.test(key)) {
      const detail = "Send Idempotency-Key: 1 to 200 printable ASCII characters, the same when asking again.";
      return problem(400, "no-key", "A key is needed", detail);
    }
    const order = await readOrder(request);
    if ("refused" in order) return order.refused;
    const exit = await Effect.runPromiseExit(startRun({ key, cap: order.cap }));
    if (Exit.isSuccess(exit)) return runAnswer(exit.value);
    const failure = Cause.findErrorOption(exit.cause);
    if (Option.isSome(failure)) return failureAnswer(failure.value);
    onBug(Cause.squash(exit.cause));
    return bugAnswer();
  };

const readOrder = async (
  request: IncomingMessage,
): Promise<{ readonly cap: number | null } | { readonly refused: HttpAnswer }> => {
  const body = await readJsonBody(request);
  if (!body.ok) {
    const detail = `Send a JSON object of at most ${MAX_BODY_BYTES} bytes, or nothing.`;
    return {
      refused: problem(body.wrong === "too-large" ? 413 : 400, body.wrong, "The body cannot be read", detail),
    };
  }
  const order = capIn(body.value);
  if (order !== undefined) return { cap: order };
  const detail = `Send {"cap": N} with N from 1 to ${MAX_CAP}, or nothing.`;
  return { refused: problem(422, "wrong-order", "The order cannot be carried out", detail) };
};

/** `undefined` where it is no order. */
const capIn = (body: unknown): number | null | undefined => {
  if (body === undefined) return null;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const fields = new Map<string, unknown>(Object.entries(body));
  if (fields.size === 0) return null;
  const cap = fields.get("cap");
  const isCap = typeof cap === "number" && Number.isInteger(cap) && cap >= 1 && cap <= MAX_CAP;
  return isCap && fields.size === 1 ? cap : undefined;
};

const runAnswer = ({ answer, run }: OpenedRun): HttpAnswer => {
  const body: RunAnswer = { run_id: run.runId, answer, state: run.state, cap: run.cap };
  if (answer === "opened") return json(201, body);
  if (answer === "repeated") return json(200, body);
  const detail = `Run ${run.runId} is open. Ask again with a new key when it has ended.`;
  const refused: ProblemAnswer & RunAnswer = {
    ...{ title: "Another run is open", status: 409, code: "overlapping", detail },
    ...body,
  };
  return { status: 409, contentType: "application/problem+json", body: JSON.stringify(refused) };
};

const failureAnswer = (failure: Failure): HttpAnswer => {
  if (failure._tag === "Permanent" || failure._tag === "Undecodable") {
    return problem(409, failure.code ?? "refused", "Refused as things stand", failure.message);
  }
  // Whether it happened may be unknown: the key makes it safe to ask again.
  const answer = problem(
    503,
    failure.code ?? "not-now",
    "Not now",
    `${failure.message}; ask again with the same key`,
  );
  return { ...answer, headers: { "retry-after": "5" } };
};

export const bugAnswer = (): HttpAnswer =>
  problem(500, "bug", "A mistake of ours", "It is in the log. Asking again with the same key is safe.");
