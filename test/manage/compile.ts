import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE, type TestProject } from '../project.ts';

/** What the compiler says of files of a project, with every option that makes it stricter. */
export function strictErrors(project: TestProject, files: readonly string[]): string[] {
  const source = (path: string): string[] => [join(PACKAGE, 'src', path)];
  project.write({
    'tsconfig.check.json': JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023'],
        module: 'NodeNext',
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        noImplicitOverride: true,
        noImplicitReturns: true,
        noFallthroughCasesInSwitch: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
        verbatimModuleSyntax: true,
        erasableSyntaxOnly: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
        types: ['node'],
        typeRoots: [join(PACKAGE, 'node_modules/@types')],
        paths: { comex: source('index.ts'), 'comex/chart': source('chart/index.ts') },
      },
      files,
    }),
  });
  const tsc = join(PACKAGE, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.check.json', '--pretty', 'false'], {
    cwd: project.root,
    encoding: 'utf8',
  });
  return status === 0 ? [] : stdout.trim().split('\n');
}
