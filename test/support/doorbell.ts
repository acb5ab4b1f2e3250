/**
 * How specs ask the test run itself, which outlives them, for what is made once for all of them: they ring at a local port, and get
 * an answer as JSON. What nobody asks for is never made.
 */
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";

export interface Doorbell {
  readonly port: number;
  readonly close: () => void;
}

/** @param answer is called at each ring, so that it keeps what it has made. */
export const hangDoorbell = async (answer: () => Promise<unknown>): Promise<Doorbell> => {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    answer().then(
      (found) => socket.end(JSON.stringify(found)),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens at a port, not at a path
  return { port, close: () => void server.close() };
};

/** Rejects with what went wrong on the other side. */
export const ring = async <Answer>(port: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", reject);
    socket.on("end", () => {
      // whoever rings knows what is answered there
      const answer = JSON.parse(text) as Answer | { readonly error: string };
      if (typeof answer === "object" && answer !== null && "error" in answer) reject(new Error(answer.error));
      else resolve(answer);
    });
  });
