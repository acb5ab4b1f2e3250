/**
 * The columns of a bill, and whether a source has those that it must. All problems are said at once.
 */

/** What every source of bills has to say; the order is that of a file's header. */
export const NEEDED_COLUMNS = [
  ...(["user_id", "bill_id", "billing_month", "purpose", "available_at", "name"] as const),
] as const;
export const OPTIONAL_COLUMNS = [
  ...(["send_day", "quiet_from", "quiet_to", "zone", "grade", "email", "phone"] as const),
  ...(["items", "content_ref", "expires_at"] as const),
] as const;
export type BillColumn = (typeof NEEDED_COLUMNS)[number] | (typeof OPTIONAL_COLUMNS)[number];
export const BILL_COLUMNS: readonly BillColumn[] = [...NEEDED_COLUMNS, ...OPTIONAL_COLUMNS];

const COLUMNS: ReadonlySet<string> = new Set(BILL_COLUMNS);
export const isBillColumn = (name: string): name is BillColumn => COLUMNS.has(name);

/** Of each pair a source needs one. */
const ALTERNATIVES: readonly (readonly [BillColumn, BillColumn])[] = [
  ["email", "phone"],
  ["items", "content_ref"],
];
/** What may be shown of a name that nobody knows: one as programmers write them. */
const SHOWABLE = /^[a-z_][a-z_0-9]{0,30}$/;

export const columnProblems = (names: readonly string[]): readonly string[] => {
  const missing = NEEDED_COLUMNS.filter((column) => !names.includes(column));
  const strange = names.filter((name) => !isBillColumn(name));
  const twice = BILL_COLUMNS.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  const neither = ALTERNATIVES.filter((pair) => !pair.some((column) => names.includes(column)));
  return [
    ...(missing.length > 0 ? [`the columns ${missing.join(", ")} are missing`] : []),
    ...neither.map(([one, other]) => `neither ${one} nor ${other} is there`),
    ...(twice.length > 0 ? [`${twice.join(", ")} is there twice`] : []),
    ...(strange.length > 0 ? [`nobody knows ${strange.map(shownName).join(", ")}`] : []),
  ];
};

const shownName = (name: string): string => (SHOWABLE.test(name) ? name : "a column without a proper name");

/** For whoever has to mend a header: those that may be missing have a `?`. */
export const EXPECTED_COLUMNS = `Columns: ${[...NEEDED_COLUMNS, ...OPTIONAL_COLUMNS.map((column) => `${column}?`)].join(", ")}`;
