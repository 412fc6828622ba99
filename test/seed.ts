import fc from 'fast-check';

/** The same values in every run of the tests; `COMEX_SEED` takes others. */
fc.configureGlobal({ seed: Number(process.env['COMEX_SEED'] ?? 20_260_731) });
