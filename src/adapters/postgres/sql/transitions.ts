/**
 * The statement of each command.
 */
import type { CommandType } from "../../../domain/lifecycle/commands.ts";
import { accept } from "./accept.ts";
import { beginSend } from "./begin-send.ts";
import { cancel } from "./cancel.ts";
import { claim } from "./claim.ts";
import { definiteNo } from "./definite-no.ts";
import { doubt } from "./doubt.ts";
import { expire } from "./expire.ts";
import { hold } from "./hold.ts";
import { lapse } from "./lapse.ts";
import { overdue } from "./overdue.ts";
import { published } from "./published.ts";
import { release } from "./release.ts";
import { renew } from "./renew.ts";
import { replay } from "./replay.ts";
import { resend } from "./resend.ts";
import { resolve } from "./resolve.ts";
import { route } from "./route.ts";
import type { TransitionStatement } from "./statement.ts";
import { stepBack } from "./step-back.ts";
import { suppress } from "./suppress.ts";
import { unhold } from "./unhold.ts";
import { unpreparable } from "./unpreparable.ts";

export const TRANSITIONS: { readonly [T in CommandType]: TransitionStatement<T> } = {
  route,
  hold,
  unhold,
  suppress,
  published,
  claim,
  renew,
  lapse,
  release,
  unpreparable,
  "begin-send": beginSend,
  "step-back": stepBack,
  accept,
  "definite-no": definiteNo,
  doubt,
  overdue,
  resend,
  resolve,
  replay,
  cancel,
  expire,
};
