/** Characters of a YAML experiment: a file of parameters, not of data. What is larger is a mistake, or an attack. */
export const MAX_LENGTH = 256 * 1024;
/** Levels of nesting. */
export const MAX_DEPTH = 100;
/** As many problems as a person reads. */
export const MAX_PROBLEMS = 100;

/** A text on one line that is short enough for a message. */
export function clipped(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}
