/**
 * The checks of one notice, in the order in which their findings are told.
 */
import { checkAttempts } from "./attempt-check.ts";
import { checkChannels } from "./channel-check.ts";
import type { Check } from "./check.ts";
import { checkEnding } from "./ending-check.ts";
import { checkEpochs } from "./epoch-check.ts";
import { checkGates } from "./gate-check.ts";
import { checkLetters } from "./letter-check.ts";
import { checkPath } from "./path-check.ts";
import { checkPolicy } from "./policy-check.ts";
import { checkProvider } from "./provider-check.ts";
import { checkRights } from "./right-check.ts";

export const CHECKS: readonly Check[] = [
  checkProvider,
  checkEnding,
  checkRights,
  checkAttempts,
  checkChannels,
  checkGates,
  checkLetters,
  checkPath,
  checkEpochs,
  checkPolicy,
];
