/**
 * The notice stages, borrowed by a pipeline of somebody's own: in the right order they compile, and in a wrong one the message
 * names the stage, what it was given, and what is missing there.
 */
import { itSays, type Snippet } from "./snippets.ts";

const PREAMBLE = `
import {
  asItIs, claimNotice, consumeRequests, deadLetter, decryptContact, type DeliveryPorts, loadBill, memoryDeadLetters,
  noticeFallBack, type NoticeRequest, type Opened, pipeline, type QueueSource, renderNotice, type SendPorts, sendNotice,
  settleNotice, stage, type TemplateStore,
} from "millrace";
interface Slip { readonly name: string }
declare const slips: QueueSource<Slip>;
declare const requests: QueueSource<NoticeRequest>;
declare const ports: SendPorts;
declare const all: DeliveryPorts;
declare const templates: TemplateStore;
declare const admitted: (slip: Slip) => Promise<Opened>;
const deadLetters = memoryDeadLetters();
const admit = stage({ name: "admit", work: admitted });
`;

/** At a counter: our own first stage opens a slip, the others are borrowed. */
const receipts = (flow: string, ...diversions: readonly string[]): string =>
  `pipeline({ name: "receipts", source: slips, deadLetters, flow: (items) => items.pipe(${flow}),
    diversions: { ${diversions.map((name) => `"${name}": deadLetter`).join(", ")} } }).start();`;

const delivery = (flow: string, ...diversions: readonly string[]): string =>
  receipts(flow, ...diversions).replace("source: slips", "source: requests");

const SETTLED = ["fall-back", "settle-notice"];

const SNIPPETS: Readonly<Record<string, Snippet>> = {
  "borrowed stages in the right order": {
    code: receipts(
      "admit, renderNotice({ templates }), sendNotice(ports), noticeFallBack(ports), settleNotice(ports)",
      ...["admit", ...SETTLED],
    ),
    says: [],
  },
  "the whole journey, put together anew": {
    code: delivery(
      `consumeRequests(asItIs), claimNotice(all), loadBill(all), decryptContact(all),
        renderNotice(all), sendNotice(all), noticeFallBack(all), settleNotice(all)`,
      ...["consume-requests", "claim-notice", ...SETTLED],
    ),
    says: [],
  },
  "a send before anything is rendered": {
    code: receipts(
      "admit, sendNotice(ports), noticeFallBack(ports), settleNotice(ports)",
      "admit",
      ...SETTLED,
    ),
    says: [["'SendNotice'", "Rail<Opened", "Property 'rendered' is missing in type 'Opened'"]],
  },
  "a rendering after the send": {
    code: receipts(
      "admit, renderNotice({ templates }), sendNotice(ports), renderNotice({ templates })",
      "admit",
    ),
    says: [[`'Stage<"render-notice", Opened, Prepared>'`, "Rail<Sent", "'Opened'"]],
  },
  "a contact that is decrypted before the bill is loaded": {
    code: delivery("claimNotice(all), decryptContact(all), loadBill(all)", "claim-notice"),
    says: [
      [
        `'Stage<"decrypt-contact", Loaded, Opened>'`,
        "Rail<Claimed",
        "Type 'Claimed' is missing the following properties from type 'Loaded': stored, fetched",
      ],
    ],
  },
  "a claim of what is no request": {
    code: receipts("claimNotice(all)", "claim-notice"),
    says: [
      [
        `'Stage<"claim-notice", Request, Claimed>'`,
        "Type 'Slip' is missing the following properties from type 'Request': noticeId, period, epoch, claim",
      ],
    ],
  },
  "a fall-back before the send": {
    code: receipts("admit, renderNotice({ templates }), noticeFallBack(ports), sendNotice(ports)", "admit"),
    says: [["'NoticeFallBack'", "Rail<Prepared", "'Sent'"]],
  },
  "a settlement that nobody has decided": {
    code: receipts("admit, renderNotice({ templates }), sendNotice(ports), settleNotice(ports)", "admit"),
    says: [[`'Stage<"settle-notice", Settling, Settling>'`, "Rail<Sent", "'Settling'"]],
  },
  "a send whose ways out nobody answers": {
    code: receipts("admit, renderNotice({ templates }), sendNotice(ports)", "admit"),
    says: [
      ["missing the following properties", `"begin-send", "call-provider", "render-notice", "take-permit"`],
    ],
  },
  "a bill in the clear where a concealed one is asked for": {
    code: `stage({ name: "admit", work: (slip: Slip): Opened => ({ bill: slip }) });`,
    says: [["Type 'Slip' is missing the following properties from type 'Sensitive<", `"bill">'`]],
  },
};

itSays("what the compiler says of borrowed notice stages", PREAMBLE, SNIPPETS);
