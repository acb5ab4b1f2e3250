/**
 * Whether a port speaks TLS. librdkafka without TLS sees there only that the broker hangs up, as one does that is just ending, and
 * would try for ever; so the port is greeted once in TLS, and left.
 */
import { isIP } from "node:net";
import { connect } from "node:tls";

/** The other side has answered in TLS, if only to refuse us. */
const ALERT = /^ERR_SSL_.*ALERT/;

/** Never rejects; whoever does not answer in time speaks no TLS, as far as we know. */
export const speaksTls = (host: string, port: number, withinMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = isIP(host) === 0 ? { servername: host } : {};
    // whom it belongs to does not matter: nothing is said to it
    const socket = connect({ host, port, ...server, rejectUnauthorized: false });
    const answer = (speaks: boolean): void => {
      socket.destroy();
      resolve(speaks);
    };
    socket.setTimeout(withinMs, () => {
      answer(false);
    });
    socket.once("secureConnect", () => {
      answer(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      answer(ALERT.test(error.code ?? ""));
    });
    socket.once("close", () => {
      answer(false);
    });
  });
