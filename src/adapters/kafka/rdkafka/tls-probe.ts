/**
 * Whether a port speaks TLS. librdkafka without TLS sees there only that the broker hangs up, as one does that is just ending, and
 * would try for ever; so the port is asked once, and its first byte looked at.
 */
import { connect } from "node:net";

/** A record of TLS that holds an alert. */
const TLS_ALERT = 0x15;
/** As a request it would be empty; a broker without TLS hangs up without a word. */
const NO_TLS = Buffer.alloc(8);

/** Never rejects; whoever does not answer in time speaks no TLS, as far as we know. */
export const speaksTls = (host: string, port: number, withinMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (speaks: boolean): void => {
      socket.destroy();
      resolve(speaks);
    };
    socket.setTimeout(withinMs);
    socket.once("connect", () => socket.write(NO_TLS));
    socket.once("data", (chunk: Buffer) => {
      answer(chunk[0] === TLS_ALERT);
    });
    for (const event of ["timeout", "error", "close"]) {
      socket.once(event, () => {
        answer(false);
      });
    }
  });
