/** Quantities as people write them. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in ms as `85 ms`, `1.2 s`, `3 min 05 s`, `2 h 10 min` or `3 d 4 h`. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  const time = Math.max(0, ms);
  if (time < 999.5) return `${Math.round(time)} ms`;
  if (time < 9.95 * SECOND) return `${(time / SECOND).toFixed(1)} s`;
  if (time < 59.5 * SECOND) return `${Math.round(time / SECOND)} s`;
  if (time < HOUR - SECOND / 2) return pair(Math.round(time / SECOND), 60, 'min', 's');
  if (time < DAY - MINUTE / 2) return pair(Math.round(time / MINUTE), 60, 'h', 'min');
  const hours = Math.round(time / HOUR);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pair(count: number, base: number, large: string, small: string): string {
  return `${Math.floor(count / base)} ${large} ${String(count % base).padStart(2, '0')} ${small}`;
}

/** Bytes as `512 B`, `1.2 kB`, `34 MB`, in steps of 1000. */
export function bytesText(bytes: number): string {
  if (!Number.isFinite(bytes)) return '?';
  let amount = Math.max(0, bytes);
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (amount < 999.5) return `${amount < 9.95 && unit !== 'B' ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
    amount /= 1000;
  }
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} TB`;
}

/** A measured number to four significant digits: `0.01235`, `2.5`, `1.235e-7`; whole numbers in full. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return Object.is(value, -0) ? '-0' : String(value);
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(3).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(Math.max(4, Math.floor(Math.log10(size)) + 1))));
}

/** `1 row`, `3 rows`, `1,680 rows`. */
export function countText(count: number, noun: string): string {
  return `${groupedText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A whole number with a comma before each three digits. */
export function groupedText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A moment in local time as `2026-01-31 12:00:05`. */
export function momentText(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${date} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/** A moment as `now`, `40 s ago`, `3 min ago`, `5 h ago`, `2 d ago`; one that is a week away or lies ahead as its date. */
export function agoText(moment: Date, now: number): string {
  const age = now - moment.getTime();
  if (age < -SECOND || age >= 7 * DAY) return momentText(moment).slice(0, 10);
  if (age < SECOND) return 'now';
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  return age < DAY ? `${Math.floor(age / HOUR)} h ago` : `${Math.floor(age / DAY)} d ago`;
}
