/**
 * The delivery of one channel, from the log to the settled notice.
 */
import type { PullSource } from "../runtime/source.ts";
import { deadLetter, notMine } from "../runtime/disposition.ts";
import { pipeline, type Pipeline } from "../runtime/pipeline.ts";
import { claimNotice } from "./claim-notice.ts";
import { consumeRequests, type ReadRequest } from "./consume-requests.ts";
import { deadLetters, type KeepPoison } from "./dead-letter.ts";
import { decryptContact } from "./decrypt-contact.ts";
import type { Request } from "./bodies.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import { claimOf, fallBack } from "./fall-back.ts";
import { loadBill } from "./load-bill.ts";
import { renderNotice } from "./render-notice.ts";
import { sendNotice } from "./send-notice.ts";
import { settleNotice } from "./settle-notice.ts";

/** Where a delivery hears what to look at; `ledgerDelivery` makes one without a broker. */
export interface DeliveryLog<In> {
  readonly source: PullSource<In>;
  readonly read: ReadRequest<In>;
  readonly keepPoison: KeepPoison;
}

/** The delivery of one channel, from the log to the settled notice. */
export const deliveryPipeline = <In>(ports: DeliveryPorts, log: DeliveryLog<In>): Pipeline =>
  pipeline({
    name: `deliver-${ports.channel}`,
    source: log.source,
    window: { credits: ports.limits.windowCredits },
    ports: ports.system,
    flow: (records) =>
      records.pipe(
        consumeRequests(log.read),
        claimNotice(ports),
        loadBill(ports),
        decryptContact(ports),
        renderNotice(ports),
        sendNotice(ports),
        fallBack(ports),
        settleNotice(ports),
      ),
    diversions: {
      "consume-requests": deadLetter,
      // the ledger has said that it is not ours; or nobody works on it any more, and it must be free to lapse
      "claim-notice": ({ envelope }) => {
        ports.leases.drop(claimFor(envelope.body));
        return notMine();
      },
      "fall-back": ({ envelope }) => {
        ports.leases.drop(claimOf(envelope.body));
        return notMine();
      },
      "settle-notice": ({ envelope }) => {
        ports.leases.drop(envelope.body.claim);
        return notMine();
      },
    },
    deadLetters: deadLetters(ports, log.keepPoison),
  });

/** What the ledger has given, or would have. */
const claimFor = ({ noticeId, epoch, claim }: Request) => claim?.notice ?? { noticeId, epoch: epoch + 1 };
