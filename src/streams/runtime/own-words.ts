/**
 * An error in the runtime's own words, about somebody else than the pipeline's author (`mistakes.ts`). Such words name stages,
 * records and counts and quote nothing of a record, so events and health may repeat them to everybody; of any other throw they
 * tell its class and its place (`toldOf` in `rail.ts`).
 */
export class OwnWords extends Error {}
