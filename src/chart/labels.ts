/** The names of series as a chart shows them. */

/** What all names share up to and with a `/`; nothing for a single name. */
export function commonPrefix(names: readonly string[]): string {
  const [first, ...others] = names;
  if (first === undefined || others.length === 0) return '';
  let prefix = first.slice(0, first.lastIndexOf('/') + 1);
  while (prefix !== '' && !others.every((name) => name.startsWith(prefix))) {
    prefix = prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
  }
  return prefix;
}

/** A name on one line of at most `length` letters; what is too long loses its middle: the ends tell most. */
export function shortened(name: string, length: number): string {
  const letters = [...name.replace(/[\s\p{Cc}]+/gu, ' ')];
  if (letters.length <= length) return letters.join('');
  const tail = Math.floor((length - 1) / 2);
  return `${letters.slice(0, length - 1 - tail).join('')}…${letters.slice(-tail).join('')}`;
}
