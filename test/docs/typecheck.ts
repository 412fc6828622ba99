import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE, type TestProject } from '../project.ts';

/** What the compiler says of files of a project, with the options that the guide asks for. */
export function typeErrors(project: TestProject, files: readonly string[]): string[] {
  if (files.length === 0) return [];
  const source = (path: string): string[] => [join(PACKAGE, 'src', path)];
  project.write({
    'tsconfig.check.json': JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023'],
        module: 'NodeNext',
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
        types: ['node'],
        typeRoots: [join(PACKAGE, 'node_modules/@types')],
        paths: {
          comex: source('index.ts'),
          'comex/archive': source('archive/index.ts'),
          'comex/chart': source('chart/index.ts'),
        },
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
