/**
 * The send, in the one order that is safe: permit first, then the right to send, then the deadline check, then the provider.
 */
import { Result } from "effect";
import { defer, finalize, type Observable, tap } from "rxjs";
import type { Diversion, Rail } from "../runtime/rail.ts";
import { afterSending } from "./after-sending.ts";
import { beginSend } from "./begin-send.ts";
import type { Begun, Entitled, Permitted, Prepared, Sent } from "./bodies.ts";
import { callProvider } from "./call-provider.ts";
import type { SendPorts } from "./delivery-ports.ts";
import { HeldPermits } from "./held-permits.ts";
import { takePermit } from "./take-permit.ts";
import { Untold } from "./untold.ts";

/** What may leave the main track while sending. */
export type SendDiversion =
  | Diversion<"take-permit", Prepared>
  | Diversion<"begin-send", Permitted>
  | Diversion<"call-provider", Begun>;

/** The operator that `sendNotice` makes: it takes what is rendered, and gives how asking the provider has ended. */
export interface SendNotice {
  <D extends Diversion>(source: Observable<Rail<Prepared, D>>): Observable<Rail<Sent, D | SendDiversion>>;
}

/** Of a right that was won when nobody waited for it any more. */
const neverAsked = (from: Entitled): Sent => {
  const words = "the delivery was stopped before the provider was asked";
  return {
    ...{ kind: "answered", from, attemptId: from.attemptId },
    outcome: { kind: "not-handed-over", trouble: null, words },
  };
};

/** Permit, right to send, deadline, provider: the one way in which a message leaves. It takes a claimed notice and a rendered message. */
export const sendNotice =
  (ports: SendPorts): SendNotice =>
  (source) =>
    defer(() => {
      const held = new HeldPermits();
      const untold = new Untold<Entitled | Sent>(ports, (known) =>
        afterSending(ports, "kind" in known ? known : neverAsked(known)),
      );
      return source.pipe(
        takePermit(ports, held),
        tap((rail) => {
          untold.see(rail);
        }),
        beginSend(ports, untold),
        tap((rail) => {
          // without a right there is no call: whoever waits in line has more use for the permit
          if (Result.isSuccess(rail) || rail.failure.stage !== "begin-send") return;
          const { permit } = (rail.failure as Diversion<"begin-send", Permitted>).envelope.body; // by its stage's name
          held.giveBack(permit);
        }),
        callProvider(ports, held, untold),
        tap((rail) => {
          if (Result.isSuccess(rail)) untold.letGo(rail.success.body);
        }),
        finalize(() => {
          untold.end();
          held.end();
        }),
      );
    });
