/**
 * Reads the JSON body of a request, at most so many bytes of it, whatever its headers say of its length.
 */
import type { IncomingMessage } from "node:http";

export const MAX_BODY_BYTES = 16_384;

export type Body =
  /** `value` is `undefined` where there was none. */
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly wrong: "too-large" | "not-json" | "cut-off" };

export const readJsonBody = (request: IncomingMessage): Promise<Body> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        request.removeAllListeners("data");
        request.resume(); // the rest is thrown away, and the connection ends with the answer
        resolve({ ok: false, wrong: "too-large" });
      } else chunks.push(chunk);
    });
    request.on("end", () => {
      resolve(parsed(Buffer.concat(chunks).toString("utf8")));
    });
    const cutOff = (): void => {
      resolve({ ok: false, wrong: "cut-off" });
    };
    request.on("error", cutOff);
    request.on("close", cutOff);
  });

const parsed = (text: string): Body => {
  if (text.trim() === "") return { ok: true, value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    return { ok: false, wrong: "not-json" };
  }
};
