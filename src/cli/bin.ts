#!/usr/bin/env node
import * as nodeModule from 'node:module';

/** From Node 22.1. */
const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: () => unknown };

// Compiled code is kept among the system's temporary files. What is imported before this line is compiled anew.
enableCompileCache?.();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
