import { docComment, quoted } from '../new-source.ts';
import { basic } from './basic.ts';
import { benchmark } from './benchmark.ts';
import { simulation } from './simulation.ts';
import { training } from './training.ts';

const TEMPLATES = { basic, training, simulation, benchmark };

/** The names of the templates that come with comex, the default first. */
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as ReadonlyArray<keyof typeof TEMPLATES>;

/** A working module; `self` is its own file, as an import in it names it: `./digits.ts`. */
export function templateText(name: keyof typeof TEMPLATES, self: string, description?: string): string {
  const template = TEMPLATES[name];
  const doc = docComment(description ?? template.description);
  return template.text(`${doc}\n${template.imports}\n\ntype Self = typeof import(${quoted(self)});\n`);
}
