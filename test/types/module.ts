/** A module with every kind of parameter, for the type tests. */
export const LEARNING_RATE = 0.01;
export const EPOCHS = 20;
export const NAME = 'abc';
export const VERBOSE = false;
export const OPTIMIZER: 'sgd' | 'adam' = 'sgd' as 'sgd' | 'adam';
export const LAYERS = [1, 2, 3];
export const MODEL: { kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[] } = { kind: 'mlp', hidden: 8 };
// biome-ignore lint/suspicious/noExplicitAny: parameters of any type are allowed
export const ANYTHING: any = 1;
export const FIXED = { a: 1 } as const;
export const LIMIT: number | null = null as number | null;
export const helper = 1;
export const Mixed = 2;
export default function experiment(): void {}
