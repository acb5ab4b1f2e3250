/**
 * The send, in the one order that is safe: permit first, then the right to send, then the deadline check, then the provider.
 */
import { Result } from "effect";
import { defer, finalize, type Observable, tap } from "rxjs";
import type { Diversion, Rail } from "../runtime/rail.ts";
import { beginSend } from "./begin-send.ts";
import type { Begun } from "./begin-send.ts";
import type { Permitted, Prepared, Sent } from "./bodies.ts";
import { callProvider } from "./call-provider.ts";
import type { SendPorts } from "./delivery-ports.ts";
import { HeldPermits } from "./held-permits.ts";
import { takePermit } from "./take-permit.ts";

/** What may leave the main track while sending. */
export type SendDiversion =
  Diversion<"take-permit", Prepared> | Diversion<"begin-send", Permitted> | Diversion<"call-provider", Begun>;

/** Permit, right to send, deadline, provider: the one way in which a message leaves. It takes a claimed notice and a rendered message. */
export const sendNotice =
  (ports: SendPorts) =>
  <D extends Diversion>(source: Observable<Rail<Prepared, D>>): Observable<Rail<Sent, D | SendDiversion>> =>
    defer(() => {
      const held = new HeldPermits();
      return source.pipe(
        takePermit(ports, held),
        beginSend(ports),
        tap((rail) => {
          // without a right there is no call: whoever waits in line has more use for the permit
          if (Result.isSuccess(rail) || rail.failure.stage !== "begin-send") return;
          const { permit } = (rail.failure as Diversion<"begin-send", Permitted>).envelope.body; // by its stage's name
          held.giveBack(permit);
        }),
        callProvider(ports, held),
        finalize(() => {
          held.end();
        }),
      );
    });
