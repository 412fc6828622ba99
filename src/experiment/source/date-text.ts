/** A date in ISO 8601, such as `2026-01-31` (UTC) or `2026-01-31T12:00:00+01:00`; undefined for anything else. */
export function parseDate(text: string): Date | undefined {
  const trimmed = text.trim();
  const match = /^(\d{4})-(\d\d)(?:-(\d\d))?(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.exec(trimmed);
  if (match === null) return undefined;
  const [, year, month, day = '01'] = match;
  // Date.parse lets 30 February pass as 2 March.
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const date = new Date(trimmed);
  return Number(day) > days || Number.isNaN(date.getTime()) ? undefined : date;
}
