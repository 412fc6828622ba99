import { ComexError } from '../errors.ts';
import { EXPERIMENTS_FOLDER } from '../experiment/project.ts';
import { type Validation, validate } from '../manage/validate.ts';
import { harmless, harmlessJson, paint, type Screen, screenOf } from './screen.ts';

interface ValidateOptions {
  readonly json: boolean;
  readonly strict: boolean;
}

/** `comex validate [FILE]...`: prints what is wrong. Returns the exit status: 1 when a file does not pass. */
export async function validateCommand(
  names: readonly string[],
  { json, strict }: ValidateOptions,
  cwd = process.cwd(),
): Promise<number> {
  const validation = await validate(names, cwd);
  if (validation.files.length === 0) {
    throw new ComexError('E_USAGE', `Expected experiments below ${EXPERIMENTS_FOLDER}/, found none. Name a FILE.`);
  }
  const text = json ? validationJson(validation) : validationText(validation, strict, screenOf(process.stdout));
  process.stdout.write(`${text}\n`);
  return validation.problems.some(({ severity }) => strict || severity === 'error') ? 1 : 0;
}

/** A line for each problem, as compilers write them, and one for all. */
function validationText({ problems, files }: Validation, strict: boolean, screen: Screen): string {
  const { bold, red, yellow } = paint(screen);
  const lines = problems.map(({ file, line, column, code, severity, message }) => {
    const word = (severity === 'error' ? red : yellow)(severity);
    return `${bold(harmless(`${file}:${line}:${column}`))}: ${word}: ${harmless(message)} (${code})`;
  });
  const failed = files.filter(({ errors, warnings }) => errors > 0 || (strict && warnings > 0)).length;
  const passed = files.length - failed;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const found = [counted(errors, 'error'), counted(problems.length - errors, 'warning')].filter((text) => text !== '');
  const verdicts = [passed === 0 ? '' : `${passed} passed`, failed === 0 ? '' : `${failed} failed`];
  const summary = `${counted(files.length, 'file')}: ${verdicts.filter((text) => text !== '').join(', ')}`;
  return [...lines, found.length === 0 ? summary : `${summary} (${found.join(', ')})`].join('\n');
}

function counted(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** `[{ file, line, column, code, severity, message }]` */
function validationJson({ problems }: Validation): string {
  return harmlessJson(JSON.stringify(problems, null, 2));
}
