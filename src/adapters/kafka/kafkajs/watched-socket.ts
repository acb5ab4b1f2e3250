/**
 * The socket of a connection to a broker. Where we speak without TLS to a port that speaks TLS, the broker answers with an alert
 * and hangs up. The client sees a closed connection only, as from a broker that is just ending, and would try for ever; so the
 * first byte is looked at here, and the socket fails with an error that says it.
 */
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";

const KEEP_ALIVE_MS = 60_000;

/** A record of TLS that holds an alert. As the size of a broker's answer it would begin one of 336 MiB. */
const TLS_ALERT = 0x15;

const speaksTls = (): Error =>
  Object.assign(new Error("the broker speaks TLS on this port"), { code: "BROKER_SPEAKS_TLS" });

const plainSocket = (host: string, port: number, onConnect: () => void): Socket => {
  const socket = connectPlain({ host, port }, onConnect);
  socket.once("data", (chunk: Buffer) => {
    if (chunk[0] === TLS_ALERT) socket.destroy(speaksTls());
  });
  return socket;
};

/** As the client makes them itself, but for that look. */
export const watchedSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket =
    // the client's types promise TLS options; where there are none it gives nothing
    (ssl as typeof ssl | undefined | null)
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : plainSocket(host, port, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
};
