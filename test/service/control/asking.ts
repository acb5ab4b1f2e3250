/** A control server with ports of a test's own, on a free port, and a way to ask it that shows all of the answer. */
import { request, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { text } from "node:stream/consumers";
import { Effect } from "effect";
import { onTestFinished } from "vitest";
import { type ControlOptions, openControlServer } from "../../../src/service/control/control-server.ts";
import type { ControlPorts } from "../../../src/service/control/control-ports.ts";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export const calmPorts: ControlPorts = {
  health: () => ({ version: "1.2.3", upMs: 1_234.5 }),
  ready: Effect.succeed({ checks: [{ name: "database", ok: true, reason: null }], warnings: [] }),
  metrics: async () => "notices 3\n",
  startRun: null,
  onBug: (error) => {
    throw error;
  },
};

export const serving = async (
  ports: Partial<ControlPorts> = {},
  options: Partial<ControlOptions> = {},
): Promise<{ port: number; ask: (path: string, more?: Asking) => Promise<Answered> }> => {
  const server = await openControlServer(
    { host: "127.0.0.1", port: 0, token: null, ...options },
    { ...calmPorts, ...ports },
  );
  onTestFinished(() => server.close(0));
  return { port: server.port, ask: (path, more) => asking(server.port, path, more) };
};

export interface Asking extends Pick<RequestOptions, "method" | "headers"> {
  readonly body?: string;
}

export const asking = async (
  port: number,
  path: string,
  { body, ...options }: Asking = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, agent: false, ...options }, (response) => {
      text(response).then((read) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read });
      }, reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
