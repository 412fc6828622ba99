import { ComexError } from '../errors.ts';
import { noteRun, removalList, renameRun, tagList, tagRun } from '../manage/tags.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import type { SelectionOptions } from './selection.ts';

/** `comex tag RUN... --add a,b --remove c`. Returns the exit status. */
export async function tagCommand(
  words: readonly string[],
  given: ManageOptions &
    SelectionOptions & {
      readonly add?: readonly string[] | undefined;
      readonly remove?: readonly string[] | undefined;
    },
): Promise<number> {
  const add = tagList(given.add ?? []);
  const remove = removalList(given.remove ?? []);
  if (add.length + remove.length === 0) throw new ComexError('E_USAGE', 'Expected tags: --add a,b or --remove c.');
  const both = add.find((tag) => remove.includes(tag));
  if (both !== undefined) throw new ComexError('E_USAGE', `Expected ${both} in --add or in --remove, got it in both.`);
  const scope = new ManageScope(given);
  const runs = await scope.chosen(words, given);
  const tagged = scope.each(runs, ({ id, path, namespace }) => {
    return { id, namespace, path, tags: tagRun(path, { add, remove }) };
  });
  if (scope.json) scope.print(tagged);
  else if (runs.length === 0) scope.say('No runs match; nothing was tagged.');
  else
    for (const { id, namespace, tags } of tagged) scope.say(`${id}  ${namespace}  ${tags.join(', ') || '(no tags)'}`);
  return scope.status;
}

interface SayOptions extends ManageOptions {
  readonly clear: boolean;
}

/** `comex note RUN TEXT`, or `--clear`. */
export async function noteCommand(word: string, words: readonly string[], given: SayOptions): Promise<number> {
  return say(word, given, { note: textOf(words, given, 'a note') }, noteRun);
}

/** `comex rename RUN TITLE`, or `--clear`. */
export async function renameCommand(word: string, words: readonly string[], given: SayOptions): Promise<number> {
  return say(word, given, { title: textOf(words, given, 'a title') }, renameRun);
}

/** An empty text is what nobody means who has forgotten to set a variable: that is said in another way. */
function textOf(words: readonly string[], { clear }: SayOptions, what: string): string {
  const text = words.join(' ');
  if (clear && words.length > 0) {
    throw new ComexError('E_USAGE', `Expected ${what} or --clear, got both. Leave one of them out.`);
  }
  if (clear || text.trim() !== '') return text;
  throw new ComexError('E_USAGE', `Expected ${what} that is not empty. Give --clear to take it away.`);
}

async function say(
  word: string,
  given: ManageOptions,
  said: Readonly<Record<string, string>>,
  action: (folder: string, text: string) => void,
): Promise<number> {
  const scope = new ManageScope(given);
  const [text = ''] = Object.values(said);
  const done = scope.each(await scope.chosen([word], {}), ({ id, path, namespace }) => {
    action(path, text);
    return { id, namespace, path, ...said };
  });
  if (scope.json) scope.print(done);
  else for (const { id, namespace } of done) scope.say(`${id}  ${namespace}  ${text || '(cleared)'}`);
  return scope.status;
}
