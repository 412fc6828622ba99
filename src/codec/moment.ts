const ISO = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s?([Zz]|[+-]\d\d:?\d\d)?)?)?$/;

/**
 * Milliseconds since the epoch of a moment in ISO 8601: `2026-01`, `2026-01-31`, `2026-01-31T12:00:05.5+01:00`. Without a
 * zone it is local time; a date alone begins with its midnight. Undefined for any other text, and for a day that no
 * calendar has.
 */
export function momentMs(text: string): number | undefined {
  const parts = ISO.exec(text.trim());
  if (parts === null) return undefined;
  const [, year = '', month = '', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = ''] =
    parts;
  const utc = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // The language takes the 31st of any month, and counts on into the next.
  if (Number.isNaN(utc.getTime()) || utc.getUTCMonth() + 1 !== Number(month)) return undefined;
  const ms = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`,
  );
  return Number.isNaN(ms) ? undefined : ms;
}
