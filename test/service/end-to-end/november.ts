/**
 * What an operator brings to a service: a file of bills, and a gateway in a process of its own that keeps its own record.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GATEWAY, type Place, type Running } from "./place.ts";

/** Everybody has both channels; all are due since yesterday. */
export const writeBills = async ({ folder }: Pick<Place, "folder">, count: number): Promise<string> => {
  const path = join(folder, "november.jsonl");
  const lines = Array.from({ length: count }, (_, nth) =>
    JSON.stringify({
      user_id: `member-${nth}`,
      bill_id: `bill-${nth}`,
      billing_month: "202611",
      purpose: "monthly-bill",
      available_at: new Date(Date.now() - 86_400_000).toISOString(),
      name: "홍길동",
      email: `member${nth}@example.com`,
      phone: "010-0123-4567",
      items: [{ label: "기본료", amount: 33_000 }],
    }),
  );
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
};

export interface GatewayThere {
  readonly url: string;
  readonly journal: string;
  readonly running: Running;
}

/** Of class B unless the line says otherwise: it can be asked what it accepted. */
export const startGateway = async (place: Place, ...line: readonly string[]): Promise<GatewayThere> => {
  const journal = join(place.folder, "accepted.jsonl");
  const gateway = place.startScript(GATEWAY, "--class", "B", "--journal", journal, ...line);
  const [, url = ""] = await gateway.says(/"url":"([^"]+)"/);
  return { url, journal, running: gateway };
};

export const TOKEN = "a-token-of-this-test-only";

/** Waits as short as the settings allow, so that what a kill leaves is taken up soon. */
export const BRIEF = {
  MILLRACE_HTTP_TOKEN: TOKEN,
  MILLRACE_DISPATCH_CRON: "0 0 1 1 *", // no run but those that are asked for
  MILLRACE_DELIVERY_LEASE_MS: "2000",
  MILLRACE_DELIVERY_SEND_WINDOW_MS: "1500",
  MILLRACE_DELIVERY_ANSWER_WINDOW_MS: "2000",
  MILLRACE_UPKEEP_ANSWER_WINDOW_MS: "2000",
  MILLRACE_UPKEEP_SWEEP_EVERY_MS: "500",
  MILLRACE_DATABASE_IDLE_IN_TRANSACTION_MS: "1000",
  MILLRACE_SERVE_DRAIN_DEADLINE_MS: "20000",
};

export type GatewayClass = "A" | "B" | "C";

const PROMISES: Readonly<Record<GatewayClass, readonly string[]>> = {
  A: ["windowMs=86400000"],
  B: ["findableMs=86400000"],
  C: [],
};

/** As an operator would write it on the line. */
export const gatewayFlags = (url: string, itsClass: GatewayClass = "B", deltaMs = 1_000): readonly string[] =>
  ["email", "sms"].flatMap((channel) =>
    [
      ...["kind=http-gateway", `url=${url}`, `class=${itsClass}`, `deltaMs=${deltaMs}`],
      ...PROMISES[itsClass],
    ].flatMap((each) => ["--set", `providers.${channel}.${each}`]),
  );

export interface Ready {
  readonly status: number;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly reason: string | null }[];
  readonly warnings: readonly string[];
}

/** @param base such as `http://127.0.0.1:7330` */
export const readiness = async (base: string): Promise<Ready> => {
  const answer = await fetch(`${base}/readyz`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return { ...((await answer.json()) as Omit<Ready, "status">), status: answer.status }; // as /readyz promises it
};

export const startRun = (base: string, key: string): Promise<Response> =>
  fetch(`${base}/api/v1/runs`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "idempotency-key": key },
  });
